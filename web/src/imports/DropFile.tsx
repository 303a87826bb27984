import "../styles/imports.css";

import { Button, Progress, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileUp } from "lucide-react";
import { type DragEvent, type FormEvent, useRef, useState } from "react";

import type { Import } from "../api/imports.ts";
import { slugOf, sourcesQuery, useCreateSource } from "../api/sources.ts";
import { upload } from "../api/upload.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { sizeText } from "../kit/words.ts";

const NEW = "\u0000new";
const CONNECTOR = "file";

/** Takes a file by drop or by choice, asks whose it is, and sends it. */
export function DropFile({ onReady }: { onReady: (importId: string) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const chooser = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setFile(event.dataTransfer.files[0] ?? null);
  };
  if (file) return <SendFile key={file.name} file={file} onReady={onReady} onOther={() => setFile(null)} />;
  return (
    <div
      className="drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileUp size={26} aria-hidden />
      <p>
        <strong>Drop a file here</strong>
        <span className="dim"> CSV, JSON Lines or Excel; customers, orders, tickets, anything with an id</span>
      </p>
      <Button variant="default" onClick={() => chooser.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={chooser}
        type="file"
        hidden
        aria-label="File to import"
        accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx"
        onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
      />
    </div>
  );
}

interface SendProps {
  file: File;
  onReady: (importId: string) => void;
  onOther: () => void;
}

function SendFile({ file, onReady, onOther }: SendProps) {
  const client = useQueryClient();
  const sources = useQuery(sourcesQuery).data?.sources ?? [];
  const stem = file.name.replace(/\.[^.]+$/, "");
  const [source, setSource] = useState(NEW);
  const [title, setTitle] = useState(stem);
  const [share, setShare] = useState(0);
  const create = useCreateSource();
  const send = useMutation({
    mutationFn: async () => {
      const slug = source === NEW ? slugOf(title) : source;
      const known = sources.some((one) => one.slug === slug);
      if (!known) await create.mutateAsync({ slug, title: title.trim(), connector: CONNECTOR });
      const query = { source: slug, stream: slugOf(stem) || "rows", filename: file.name };
      return upload<Import>("/imports", query, file, setShare);
    },
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["imports"] });
      onReady(made.id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const choices = [
    { value: NEW, label: "A new source" },
    ...sources.map(({ slug, title: name }) => ({ value: slug, label: name })),
  ];
  return (
    <form onSubmit={submit} className="panel send-file">
      <p>
        <bdi>
          <strong>{file.name}</strong>
        </bdi>{" "}
        <span className="dim">{sizeText(file.size)}</span>
      </p>
      <div className="send-fields">
        <Select
          label="It comes from"
          data={choices}
          value={source}
          onChange={(chosen) => setSource(chosen ?? NEW)}
          searchable
          allowDeselect={false}
          size="sm"
        />
        {source === NEW && (
          <TextInput label="Name of the new source" value={title} required withAsterisk={false} onChange={(event) => setTitle(event.currentTarget.value)} />
        )}
      </div>
      {send.isPending && <Progress value={share * 100} aria-label="Sent" />}
      {send.isError && <Trouble error={send.error} what="The file could not be taken" />}
      <div className="row">
        <Button type="submit" loading={send.isPending} disabled={source === NEW && !slugOf(title)}>
          Read the file
        </Button>
        <Button variant="subtle" color="gray" disabled={send.isPending} onClick={onOther}>
          Another file
        </Button>
      </div>
    </form>
  );
}
