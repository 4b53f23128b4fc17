# One image for every service; the command says which. Built in two steps, runs as a user without rights.
FROM node:24.11-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24.11-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build --chown=node:node /app /app
RUN mkdir -p .tidemark && chown node:node .tidemark
USER node
CMD ["node", "--import", "tsx", "gateway/main.ts"]
