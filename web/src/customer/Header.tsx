import { useIntersection } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { Building2, Fingerprint } from "lucide-react";

import type { CustomerView } from "../api/types.ts";
import { valueText, percentText, plural } from "../kit/words.ts";
import { useCustomer } from "./customer-context.ts";
import { ShownValue } from "./ShownValue.tsx";
import { SourceWord } from "./SourceWord.tsx";

/** Who it is. The full header scrolls away; one sticky line of it stays, so nothing under it ever moves. */
export function Header({ view }: { view: CustomerView }) {
  const { ref, entry } = useIntersection({ rootMargin: "-56px 0px 0px 0px" });
  const shrunk = entry ? !entry.isIntersecting : false;
  const { header } = view;
  return (
    <>
      <div className="compact-place">
        {shrunk && (
          <div className="compact-line">
            <Initials view={view} small />
            <strong className="cut">
              <ShownValue value={header.name} />
            </strong>
            <IdentityChip view={view} />
            {header.contacts[0] && (
              <span className="cut dim wide-only">
                <ShownValue value={header.contacts[0]} />
              </span>
            )}
            <span className="grow" />
            <button type="button" className="plain-button to-top" onClick={() => window.scrollTo({ top: 0 })}>
              To the top
            </button>
          </div>
        )}
      </div>
      <header className="customer-header" ref={ref}>
        <Initials view={view} />
        <div className="grow">
          <div className="row wrap header-first">
            <h1 className="customer-name">
              <ShownValue value={header.name} />
            </h1>
            <SourceWord value={header.name} />
            <IdentityChip view={view} />
          </div>
          <p className="row wrap dim header-second">
            {header.subtitle && <bdi>{header.subtitle}</bdi>}
            {header.organisation && (
              <Link to="/customers/$id" params={{ id: header.organisation.id }} search={{}} className="header-link">
                <Building2 size={13} aria-hidden /> <bdi>{header.organisation.name}</bdi>
              </Link>
            )}
            {header.since && <span>Customer since {valueText(header.since)}</span>}
          </p>
          {header.contacts.length > 0 && (
            <dl className="contacts">
              {header.contacts.map((contact) => (
                <div key={`${contact.field} ${contact.value}`} className="contact">
                  <dt className="dim">{contact.label}</dt>
                  <dd>
                    <ShownValue value={contact} />
                    <SourceWord value={contact} />
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      </header>
    </>
  );
}

function Initials({ view, small = false }: { view: CustomerView; small?: boolean }) {
  return (
    <span className="initials" data-kind={view.kind} data-small={small || undefined} aria-hidden>
      {view.kind === "organisation" ? <Building2 size={small ? 14 : 22} /> : view.header.initials}
    </span>
  );
}

/** "4 records, 98 % Certain": how sure we are that this is one customer, and the way to the reasons. */
function IdentityChip({ view }: { view: CustomerView }) {
  const { showIdentity } = useCustomer();
  const { records, sources, confidence, word } = view.header.identity;
  return (
    <button type="button" className="identity-chip" data-word={word} onClick={showIdentity} aria-haspopup="dialog">
      <Fingerprint size={14} aria-hidden />
      {plural(records, "record")}
      {sources > 1 && <span className="wide-only"> from {sources} sources</span>}
      <span className="identity-sure">
        {word} {percentText(confidence)}
      </span>
    </button>
  );
}
