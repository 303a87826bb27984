import { Checkbox, Modal } from "@mantine/core";
import { useState } from "react";

import { setSingleKeys, singleKeysOn } from "./shortcuts.ts";

const KEYS: [string, string][] = [
  ["Ctrl K or ⌘ K", "Search from anywhere"],
  ["/", "Search"],
  ["g c", "Customers"],
  ["g d", "Doubtful matches"],
  ["g s", "Sources"],
  ["g i", "Imports"],
  ["j, k", "Next and earlier row of a list or timeline"],
  ["Enter", "Open the row"],
  ["t", "Timeline filters"],
  ["s, d, l", "Same, different, later: of a doubtful match"],
  ["i", "Why is this one customer?"],
  ["?", "This sheet"],
  ["Esc", "Close what is open"],
];

export function KeySheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [on, setOn] = useState(singleKeysOn);
  const turn = (wanted: boolean) => {
    setSingleKeys(wanted);
    setOn(wanted);
  };
  return (
    <Modal opened={open} onClose={onClose} title="Keys" closeButtonProps={{ "aria-label": "Close" }}>
      <dl className="key-sheet">
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <Checkbox
        mt="md"
        checked={on}
        onChange={(event) => turn(event.currentTarget.checked)}
        label="Single-letter keys"
        description="Turn them off if you dictate: speech input can type them by accident."
      />
    </Modal>
  );
}
