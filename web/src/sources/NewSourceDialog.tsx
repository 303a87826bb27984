import { Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Source } from "../api/sources.ts";
import { KeyNote } from "./KeyNote.tsx";
import { NewSourceForm } from "./NewSourceForm.tsx";

interface Props {
  /** Given: only a new key for this source is made. */
  source: Source | null;
  onClose: () => void;
}

export function NewSourceDialog({ source, onClose }: Props) {
  const [made, setMade] = useState<{ slug: string; title: string } | null>(source);
  const navigate = useNavigate();
  return (
    <Modal
      opened
      onClose={onClose}
      size={620}
      title={made ? `Key for ${made.title}` : "Add a source"}
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 0 }}
    >
      {made ? <KeyNote slug={made.slug} /> : <NewSourceForm onMade={setMade} onReached={(slug) => void navigate({ to: "/sources/$slug", params: { slug } })} />}
    </Modal>
  );
}
