import "../styles/shell.css";

import { Outlet, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Spoken } from "../kit/say.tsx";
import { SearchPalette } from "../search/SearchPalette.tsx";
import { useSession } from "../session/session.ts";
import { KeySheet } from "./KeySheet.tsx";
import { Rail } from "./Rail.tsx";
import { useScreens } from "./screens.ts";
import { useShortcuts } from "./shortcuts.ts";
import { TopBar } from "./TopBar.tsx";

/** The frame around every screen: top bar, rail, search palette, keys. */
export function Shell() {
  const session = useSession();
  const navigate = useNavigate();
  const [searching, setSearching] = useState(false);
  const [sheet, setSheet] = useState(false);

  const screens = useScreens();
  const go = screens.map(({ keys, to }) => [keys, () => void navigate({ to, search: {} })]);

  useShortcuts({
    "/": () => setSearching(true),
    "?": () => setSheet(true),
    ...Object.fromEntries(go),
  });
  usePaletteKey(() => setSearching((open) => !open));

  const stranger = session !== undefined && !session.signed_in;
  useEffect(() => {
    // Once, and from the address as it is now: going by a rendered location would send it round in circles.
    if (stranger) void navigate({ to: "/sign-in", search: { then: hereText() }, replace: true });
  }, [stranger, navigate]);
  if (stranger) return null;

  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <TopBar onSearch={() => setSearching(true)} onKeys={() => setSheet(true)} />
      <Rail />
      <main id="content" className="content" tabIndex={-1}>
        <Outlet />
      </main>
      <Spoken />
      {searching && <SearchPalette onClose={() => setSearching(false)} />}
      <KeySheet open={sheet} onClose={() => setSheet(false)} />
    </>
  );
}

function hereText(): string {
  return window.location.pathname + window.location.search;
}

function usePaletteKey(toggle: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
