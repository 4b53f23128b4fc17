// Routes. The wall is loaded at once; desk pages come when they are asked for.
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import WallPage from "./wall/wall-page.tsx";

const StatusPage = lazy(() => import("./status/status-page.tsx"));
const HistoryPage = lazy(() => import("./history/history-page.tsx"));

function ToWall(): null {
  const { route } = useLocation();
  useEffect(() => route("/wall", true), []);
  return null;
}

export function App(): preact.JSX.Element {
  return (
    <LocationProvider>
      <ErrorBoundary>
        <Router>
          <Route path="/wall/:scene?" component={WallPage} />
          <Route path="/status" component={StatusPage} />
          <Route path="/history" component={HistoryPage} />
          <Route default component={ToWall} />
        </Router>
      </ErrorBoundary>
    </LocationProvider>
  );
}
