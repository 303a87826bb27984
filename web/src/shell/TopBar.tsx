import { ActionIcon, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Keyboard, Search } from "lucide-react";

import { LiveBadge } from "../live/LiveBadge.tsx";
import { Mark } from "./Mark.tsx";
import { PersonMenu } from "./PersonMenu.tsx";

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  return (
    <header className="top-bar">
      <Link to="/" className="brand" aria-label="Regard, first screen">
        <Mark />
        <span className="brand-word">Regard</span>
      </Link>
      <button type="button" className="search-field" onClick={onSearch} aria-keyshortcuts="Control+K Meta+K /">
        <Search size={15} aria-hidden />
        <span className="cut grow">
          <span className="wide-only">Search name, email, phone, order, ticket</span>
          <span className="narrow-only">Search</span>
        </span>
        <kbd className="wide-only" aria-hidden>
          {MAC ? "⌘ K" : "Ctrl K"}
        </kbd>
      </button>
      <div className="top-end">
        <LiveBadge />
        <Tooltip label="Keys (?)">
          <ActionIcon variant="subtle" color="gray" className="wide-only" aria-label="Keyboard shortcuts" onClick={onKeys}>
            <Keyboard size={17} />
          </ActionIcon>
        </Tooltip>
        <PersonMenu />
      </div>
    </header>
  );
}
