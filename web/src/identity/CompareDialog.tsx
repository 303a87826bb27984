import { Modal } from "@mantine/core";
import { useState } from "react";

import type { SearchResult } from "../api/types.ts";
import { CustomerPicker } from "../search/CustomerPicker.tsx";
import { ChosenCustomer } from "./ChosenCustomer.tsx";
import { ComparisonPart } from "./ComparisonPart.tsx";

interface Props {
  id: string;
  name: string;
  onClose: () => void;
}

/** Why another customer is not this one: for everybody who may see why this one is one. */
export function CompareDialog({ id, name, onClose }: Props) {
  const [other, setOther] = useState<SearchResult | null>(null);
  return (
    <Modal opened onClose={onClose} title={`Compare ${name} with`} size={640} closeButtonProps={{ "aria-label": "Close" }} transitionProps={{ duration: 0 }}>
      {!other && <CustomerPicker label="The other customer" without={id} onPick={setOther} />}
      {other && (
        <div className="stack">
          <ChosenCustomer chosen={other} onAnother={() => setOther(null)} />
          <ComparisonPart left={id} right={other.id} />
        </div>
      )}
    </Modal>
  );
}
