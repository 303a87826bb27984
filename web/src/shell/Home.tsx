import { Navigate } from "@tanstack/react-router";

import { useSession } from "../session/session.ts";
import { useScreens } from "./screens.ts";

/** The first screen of the role. */
export function Home() {
  const session = useSession();
  const first = useScreens()[0];
  if (!session?.signed_in) return null;
  if (!first) return <p className="page">Your role, {session.role}, has no screens here. Its work is in the API.</p>;
  return <Navigate to={first.to} search={{}} replace />;
}
