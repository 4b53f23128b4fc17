// Status: the accounting as an equation, each partition, what became a dead letter and why, and what stands around it.
import type { PartitionStatus, Status } from "../../../gateway/contract/status.ts";
import { age, clock, count, PERCENT } from "../core/format.ts";
import { Desk } from "../desk/desk.tsx";
import { usePolled } from "../desk/poll.ts";
import { accountOf, shareOf, totalOf, type Account } from "./accounts.ts";
import { linesOf, type Line } from "./doubles.ts";

const EVERY_MS = 2000;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export default function StatusPage(): preact.JSX.Element {
  const polled = usePolled<Status>("/api/status", EVERY_MS);
  const { data } = polled;
  const bar = data && (
    <span class="note">
      build {data.build}, as of {second(data.serverNow)}
    </span>
  );
  return (
    <Desk title="Status" polled={polled} bar={bar}>
      {data && <Shown status={data} />}
    </Desk>
  );
}

/** 14:05:02 in the reader's zone. */
const second = (time: number): string =>
  `${clock(time, ZONE)}:${String(new Date(time).getUTCSeconds()).padStart(2, "0")}`;

function Shown({ status }: { status: Status }): preact.JSX.Element {
  if (status.partitions.length === 0)
    return (
      <section class="card">
        <p class="empty">
          No partition has been heard of yet. Is a stream worker running? Start one with npm run stream.
        </p>
      </section>
    );
  return (
    <>
      <Equation account={totalOf(status.partitions)} />
      <Partitions status={status} />
      <div class="pair">
        <DeadLetters status={status} />
        <Around status={status} />
      </div>
    </>
  );
}

function Equation({ account }: { account: Account }): preact.JSX.Element {
  const share = (part: number): string =>
    account.consumed === 0 ? "" : `${shareOf(part, account.consumed)}${PERCENT}`;
  const filters = Object.entries(account.filteredBy).map(([name, number]) => `${name} ${count(number)}`);
  const terms: [name: string, figure: number, note: string, sign: string][] = [
    ["Consumed", account.consumed, "records", "="],
    ["Counted", account.counted, share(account.counted), "+"],
    ["Duplicate", account.duplicate, `${share(account.duplicate)}, by id`, "+"],
    ["Filtered", account.filtered, filters.join(" · "), "+"],
    ["Dead letter", account.dead, `${share(account.dead)}, listed below`, account.parked > 0 ? "+" : ""],
  ];
  if (account.parked > 0) terms.push(["Waiting", account.parked, "for storage, then counted", ""]);
  const balances = account.difference === 0;
  return (
    <section class="card equation" aria-label="Accounting of records">
      {terms.map(([name, figure, note, sign]) => (
        <>
          <div class="term" key={name}>
            <span class="name">{name}</span>
            <span class="figure">{count(figure)}</span>
            <span class="note">{note}</span>
          </div>
          {sign && <span class="sign">{sign}</span>}
        </>
      ))}
      <span class={`balance ${balances ? "is-live" : "is-doubt"}`}>
        {balances ? "✓ Balances, difference 0" : `▲ Difference ${count(account.difference)}`}
      </span>
    </section>
  );
}

function Partitions({ status }: { status: Status }): preact.JSX.Element {
  const total = totalOf(status.partitions);
  const lag = status.partitions.reduce((sum, one) => sum + one.lag, 0);
  const seconds = Math.max(...status.partitions.map((one) => one.lagSeconds));
  const many = new Set(status.partitions.map((one) => one.source)).size > 1;
  return (
    <section class="card">
      <div class="scroll" tabIndex={0} role="region" aria-label="Partitions">
        <table>
          <thead>
            <tr>
              {many && <th class="text">Source</th>}
              <th class="text">Partition</th>
              <th class="text">Worker</th>
              <th>Consumed</th>
              <th>= counted</th>
              <th>+ duplicate</th>
              <th>+ filtered</th>
              <th>+ dead letter</th>
              <th>Diff.</th>
              <th>Lag, records</th>
              <th>Lag, s</th>
              <th>Late</th>
              <th>Watermark</th>
              <th class="text">State</th>
              <th>Position</th>
              <th>Stored</th>
            </tr>
          </thead>
          <tbody>
            {status.partitions.map((one) => (
              <Row key={`${one.source}/${one.partition}`} one={one} now={status.serverNow} many={many} />
            ))}
            <tr class="total">
              {many && <td class="text" />}
              <td class="text">All</td>
              <td class="text" />
              <td>{count(total.consumed)}</td>
              <td>{count(total.counted)}</td>
              <td>{count(total.duplicate)}</td>
              <td>{count(total.filtered)}</td>
              <td>{count(total.dead)}</td>
              <td>{difference(total)}</td>
              <td>{count(lag)}</td>
              <td>{count(seconds, 1)}</td>
              <td>{count(status.partitions.reduce((sum, one) => sum + one.late, 0))}</td>
              <td />
              <td class="text" />
              <td />
              <td />
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

const difference = ({ difference: value }: Account): string => (value === 0 ? "0 ✓" : `▲ ${count(value)}`);

function Row({ one, now, many }: { one: PartitionStatus; now: number; many: boolean }): preact.JSX.Element {
  const account = accountOf(one);
  const fault = one.state === "behind" || one.state === "stale" || account.difference !== 0;
  return (
    <tr class={fault ? "at-fault" : ""}>
      {many && <td class="text muted">{one.source}</td>}
      <td class="text strong">{one.partition}</td>
      <td class="text muted">{one.worker}</td>
      <td class="strong">{count(account.consumed)}</td>
      <td>{count(account.counted)}</td>
      <td>{count(account.duplicate)}</td>
      <td>{count(account.filtered)}</td>
      <td>{count(account.dead)}</td>
      <td class={account.difference === 0 ? "" : "is-doubt"}>{difference(account)}</td>
      <td class={one.state === "behind" ? "is-doubt" : ""}>{count(one.lag)}</td>
      <td class={one.state === "behind" ? "is-doubt" : ""}>{count(one.lagSeconds, 1)}</td>
      <td>{count(one.late)}</td>
      <td>{one.watermark === null ? "–" : second(one.watermark)}</td>
      <td class={`text ${fault ? "is-doubt" : one.state === "live" ? "is-live" : ""}`}>
        {fault && "▲ "}
        {one.state === "idle" ? "caught up" : one.state}
        {one.state === "stale" && ` ${age(now - one.heardAt)}`}
      </td>
      <td class="muted">{count(one.position)}</td>
      <td class="muted">{count(one.storedPosition)}</td>
    </tr>
  );
}

function DeadLetters({ status }: { status: Status }): preact.JSX.Element {
  const letters = status.deadLetters;
  const reasons = Object.entries(letters?.byReason ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, number]) => `${reason} ${count(number)}`);
  return (
    <section class="card">
      <header>
        <h2>Dead letters</h2>
        <span class="note">{reasons.join(", ")}</span>
      </header>
      {letters === null && <p class="empty">▼ Storage does not answer, so they cannot be listed now.</p>}
      {letters !== null && letters.newest.length === 0 && <p class="empty">None: every record could be used.</p>}
      {letters !== null && letters.newest.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Newest dead letters">
          <table>
            <thead>
              <tr>
                <th class="text">Time</th>
                <th class="text">Partition : offset</th>
                <th class="text">Reason</th>
                <th class="text">Type</th>
                <th class="text">What was wrong</th>
              </tr>
            </thead>
            <tbody>
              {letters.newest.map((letter) => (
                <tr key={`${letter.source}/${letter.partition}/${letter.offset}`}>
                  <td class="text">{second(letter.appendedAt)}</td>
                  <td class="text muted">
                    {letter.partition} : {count(letter.offset)}
                  </td>
                  <td class="text strong">{letter.reason}</td>
                  <td class="text muted">{letter.type || "unknown"}</td>
                  <td class="text wrap">{letter.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Around({ status }: { status: Status }): preact.JSX.Element {
  const workers = new Set(status.partitions.map((one) => one.worker)).size;
  const sum = (of: (one: PartitionStatus) => number): number =>
    status.partitions.reduce((total, one) => total + of(one), 0);
  const { lines, advice } = linesOf(status.doubles);
  const plain = (what: string, value: string): Line => ({ what, value, doubt: false });
  const rows: readonly Line[] = [
    { what: "Storage", value: status.storageUp ? "answers" : "▼ does not answer", doubt: !status.storageUp },
    plain("Workers", count(workers)),
    plain("Wall screens", count(status.screens)),
    plain("Late records", count(sum((one) => one.late))),
    plain("Not stored yet", count(sum((one) => one.position - one.storedPosition))),
    ...lines,
  ];
  return (
    <section class="card around">
      <header>
        <h2>Around it</h2>
      </header>
      <table>
        <tbody>
          {rows.map(({ what, value, doubt }) => (
            <tr key={what}>
              <td class="text muted">{what}</td>
              <td class={doubt ? "is-doubt" : "strong"}>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {advice !== null && <p class="advice">{advice}</p>}
    </section>
  );
}
