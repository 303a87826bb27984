import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { request } from "../api/request.ts";
import { Trouble } from "../kit/Trouble.tsx";

/** Creates the first user with the one-time code that the server printed when it started. */
export function AdministratorForm({ onMade }: { onMade: () => void }) {
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const create = useMutation({
    mutationFn: async () => {
      const who = { username: username.trim(), password };
      await request("/setup", { method: "POST", json: { code: code.trim(), name: name.trim(), ...who } });
      await request("/session", { method: "POST", json: who });
    },
    onSuccess: async () => {
      onMade();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label="One-time code"
        description="Printed in the terminal where regard serve was started."
        required
        withAsterisk={false}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <TextInput label="Your name" required withAsterisk={false} autoComplete="name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="User name"
        required
        withAsterisk={false}
        autoComplete="username"
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        required
        withAsterisk={false}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {create.isError && <Trouble error={create.error} what="The administrator could not be created" />}
      <div>
        <Button type="submit" size="sm" loading={create.isPending}>
          Create the administrator
        </Button>
      </div>
    </form>
  );
}
