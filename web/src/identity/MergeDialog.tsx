import { Modal } from "@mantine/core";
import { useState } from "react";

import type { SearchResult } from "../api/types.ts";
import { ReasonForm } from "../kit/ReasonForm.tsx";
import { say } from "../kit/say.tsx";
import { CustomerPicker } from "../search/CustomerPicker.tsx";
import { ChosenCustomer } from "./ChosenCustomer.tsx";
import { ComparisonPart } from "./ComparisonPart.tsx";
import { useMerge } from "./identity-queries.ts";

interface Props {
  id: string;
  name: string;
  onClose: () => void;
}

/** Joins two customers by a person's word. Both keep everything they have, and it can be undone. */
export function MergeDialog({ id, name, onClose }: Props) {
  const [other, setOther] = useState<SearchResult | null>(null);
  const merge = useMerge(id);
  const join = (reason: string) => {
    if (!other) return;
    merge.mutate(
      { with: other.id, reason },
      {
        onSuccess: () => {
          say(`${name} and ${other.name} are one customer now. It can be undone.`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={`Merge ${name} with`} size={640} closeButtonProps={{ "aria-label": "Close" }} transitionProps={{ duration: 0 }}>
      {!other && <CustomerPicker label="The other customer" without={id} onPick={setOther} />}
      {other && (
        <div className="stack">
          <ChosenCustomer chosen={other} onAnother={() => setOther(null)} />
          <ComparisonPart left={id} right={other.id} />
          <ReasonForm
            title="Merge"
            explain="Both keep every value and every entry; nothing is deleted. It can be undone at any time, and both get their ids back."
            act="Merge, keeping everything"
            mutation={merge}
            onSubmit={join}
            onCancel={onClose}
          />
        </div>
      )}
    </Modal>
  );
}
