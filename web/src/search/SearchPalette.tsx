import "../styles/search.css";

import { Loader, Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ArrowRight, Search } from "lucide-react";
import { useEffect, useState } from "react";

import { Trouble } from "../kit/Trouble.tsx";
import { useScreens } from "../shell/screens.ts";
import { useShortSearch } from "./customer-search.ts";
import { NoHits } from "./NoHits.tsx";
import { ResultLine } from "./ResultLine.tsx";
import { useOptionKeys } from "./use-option-keys.ts";

/** Letters typed right after the opening key must not be lost, so the focus does not wait for the dialog's own. */
function focusAtOnce(field: HTMLInputElement | null): void {
  field?.focus();
}

/** Finds a customer by anything a caller might say, and any screen by its name. */
export function SearchPalette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [waiting, setWaiting] = useState(false);
  const search = useShortSearch(text);
  const hits = search.page?.results ?? [];
  const wanted = text.trim();
  const screens = useScreens().filter(({ label }) => label.toLowerCase().includes(wanted.toLowerCase()));
  const all = hits.length > 0 ? 1 : 0;
  const count = hits.length + all + screens.length;

  const open = (index: number) => {
    const hit = hits[index];
    const screen = screens[index - hits.length - all];
    if (hit) void navigate({ to: "/customers/$id", params: { id: hit.id }, search: {} });
    else if (all && index === hits.length) void navigate({ to: "/customers", search: { q: wanted } });
    else if (screen) void navigate({ to: screen.to, search: {} });
    else return;
    onClose();
  };
  // Enter may come before the answer: it then opens the first hit of the text as typed.
  const choose = (index: number) => (search.behind && wanted ? setWaiting(true) : open(index));
  const keys = useOptionKeys(count, choose, wanted);

  useEffect(() => {
    if (!waiting || search.behind) return;
    setWaiting(false);
    if (hits.length > 0) open(0);
  });

  return (
    <Modal.Root opened onClose={onClose} size={620} yOffset="9vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Search" radius="md">
      <div className="palette">
        <label className="palette-field">
          <Search size={17} aria-hidden />
          <input
            {...keys.field}
            ref={focusAtOnce}
            data-autofocus
            value={text}
            aria-label="Search customers and screens"
            placeholder="Name, email, phone, order, ticket"
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {wanted && search.behind && <Loader size={14} aria-hidden />}
        </label>
        <div className="palette-body" tabIndex={-1}>
          {search.error && <Trouble error={search.error} what="The search did not answer" onRetry={search.retry} />}
          <div {...keys.list} aria-label="Hits">
            {hits.map((hit, index) => (
              <div key={hit.id} className="hit" {...keys.option(index)}>
                <ResultLine result={hit} />
              </div>
            ))}
            {all === 1 && (
              <div className="hit" {...keys.option(hits.length)}>
                <ArrowRight size={15} aria-hidden className="hit-icon" />
                <span>
                  All hits for “<bdi>{wanted}</bdi>” as a list
                </span>
              </div>
            )}
            {screens.map((screen, index) => (
              <div key={screen.to} className="hit" {...keys.option(hits.length + all + index)}>
                <ArrowRight size={15} aria-hidden className="hit-icon" />
                <span>
                  Go to <strong>{screen.label}</strong>
                </span>
              </div>
            ))}
          </div>
          {search.page && hits.length === 0 && !search.behind && <NoHits text={wanted} searched={search.page.searched} />}
        </div>
        <p className="palette-foot dim" aria-hidden>
          <kbd>↑</kbd> <kbd>↓</kbd> choose <kbd>Enter</kbd> open <kbd>Esc</kbd> close
        </p>
      </div>
      </Modal.Content>
    </Modal.Root>
  );
}
