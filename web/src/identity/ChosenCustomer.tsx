import type { SearchResult } from "../api/types.ts";
import { ResultLine } from "../search/ResultLine.tsx";

/** The customer that was picked, and the way back to picking. */
export function ChosenCustomer({ chosen, onAnother }: { chosen: SearchResult; onAnother: () => void }) {
  return (
    <div className="hit panel">
      <ResultLine result={chosen} />
      <button type="button" className="plain-button more" onClick={onAnother}>
        Another
      </button>
    </div>
  );
}
