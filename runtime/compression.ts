// Compressed topics: kafkajs reads gzip by itself; snappy, lz4 and zstd, as other producers write them, are registered here.
import { decompress as zstd } from "fzstd";
import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import { compressFrame, decompressFrame } from "lz4-napi";

const { CompressionCodecs, CompressionTypes } = kafkajs; // no named exports that an ES module could see

/** What kafkajs hands to a codec for compressing. */
interface Encoder {
  readonly buffer: Buffer;
}

CompressionCodecs[CompressionTypes.Snappy] = snappy;

CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: ({ buffer }: Encoder) => compressFrame(buffer),
  decompress: (bytes: Buffer) => decompressFrame(bytes),
});

CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: () => Promise.reject(new Error("zstd is read only: set another compression for what we write")),
  decompress: (bytes: Buffer) => Promise.resolve(Buffer.from(zstd(bytes))),
});
