// Which sessions start in a minute, and what will become of each: decided before anything happens in them.
import { CHANNELS, type Channel } from "./channels.ts";
import { pickDevice, ROBOT, type Device } from "./devices.ts";
import { SPIKE_FACTOR, type Incident } from "./incidents.ts";
import { ACQUIRING, makePerson, type Customer, type People, type Person } from "./people.ts";
import { Random } from "./random.ts";
import { expectedSessions } from "./rhythm.ts";
import { HOUR, MINUTE, type Shop } from "./shop.ts";
import type { StoreTime } from "./store-time.ts";
import { weighted } from "./weighted.ts";

type Purpose = "look" | "buy" | "crawl" | "test";

export interface Visit {
  /** Unique in the shop; the session's id is made from it. */
  readonly key: string;
  readonly startedAt: number;
  readonly channel: Channel;
  readonly device: Device;
  readonly person: Person;
  /** Who has signed in, or will on buying. */
  readonly customer: Customer | null;
  readonly purpose: Purpose;
  /** True for the session that wins the customer. */
  readonly first: boolean;
}

const ROBOTS = 0.03;
const TESTS = 0.001;
/** Of those who only look, how many are customers who have signed in. */
const SIGNED_IN = 0.2;

/** Sessions of a channel that do not win a customer. */
const others = (channel: Channel): number => channel.share * (1 - channel.conversion * channel.acquires);
const pickOther = weighted(CHANNELS, others);
/** Share of those that end in an order of a customer who has bought before. */
const buysAgain = (channel: Channel): number =>
  (channel.conversion * (1 - channel.acquires)) / (1 - channel.conversion * channel.acquires);

export class Visits {
  readonly #shop: Shop;
  readonly #time: StoreTime;
  readonly #people: People;
  /** The hour looked at last, and those whom it won. */
  #hour = Number.NaN;
  #won: readonly Customer[] = [];

  constructor(shop: Shop, time: StoreTime, people: People) {
    this.#shop = shop;
    this.#time = time;
    this.#people = people;
  }

  /** The sessions that start in the minute that begins at `minute`, ms UTC; only the buying ones if so asked. */
  startingIn(minute: number, incidents: readonly Incident[], buyersOnly = false): Visit[] {
    return [...this.#firstVisits(minute), ...this.#otherVisits(minute, incidents, buyersOnly)];
  }

  #firstVisits(minute: number): Visit[] {
    const hour = Math.floor(minute / HOUR) * HOUR;
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#won = this.#people.wonIn(hour);
    }
    return this.#won
      .filter((customer) => Math.floor(customer.since / MINUTE) * MINUTE === minute)
      .map((customer) => ({
        key: customer.key,
        startedAt: customer.since,
        channel: customer.channel,
        device: pickDevice(new Random(this.#shop.seed, "first-device", customer.since)),
        person: customer,
        customer,
        purpose: "buy",
        first: true,
      }));
  }

  #otherVisits(minute: number, incidents: readonly Incident[], buyersOnly: boolean): Visit[] {
    const expected = (expectedSessions(this.#shop, this.#time, minute) * (1 - ACQUIRING)) / (1 - ROBOTS - TESTS);
    const usual = new Random(this.#shop.seed, "traffic", minute).count(expected);
    const visits: Visit[] = [];
    for (let index = 0; index < usual; index++) {
      const visit = this.#visit(minute, index, buyersOnly);
      if (visit !== null) visits.push(visit);
    }
    return visits.concat(this.#spike(minute, incidents, expected, usual, buyersOnly));
  }

  /** Extra sessions have numbers of their own, so that the usual ones stay what they are. */
  #spike(
    minute: number,
    incidents: readonly Incident[],
    expected: number,
    usual: number,
    buyersOnly: boolean,
  ): Visit[] {
    const spikes = incidents.filter(
      ({ kind, from, to }) => kind === "traffic-spike" && from < minute + MINUTE && minute < to,
    );
    return spikes.flatMap((spike, nth) => {
      const count = new Random(this.#shop.seed, "spike", minute, nth).count(expected * (SPIKE_FACTOR - 1));
      return Array.from({ length: count }, (_, index) =>
        this.#visit(minute, usual + nth * 10_000 + index, buyersOnly),
      ).filter(
        (visit) =>
          visit !== null &&
          visit.startedAt >= spike.from &&
          visit.startedAt < spike.to &&
          (spike.channel === undefined || spike.channel === visit.channel.name),
      ) as Visit[];
    });
  }

  #visit(minute: number, index: number, buyersOnly: boolean): Visit | null {
    const random = new Random(this.#shop.seed, "visit", minute, index);
    const channel = pickOther(random);
    const human = pickDevice(random);
    const kind = random.next();
    const again = random.chance(buysAgain(channel) * human.converts);
    const purpose: Purpose = kind < ROBOTS ? "crawl" : kind < ROBOTS + TESTS ? "test" : again ? "buy" : "look";
    if (buyersOnly && purpose !== "buy") return null;
    const startedAt = minute + random.below(MINUTE);
    const key = `${(minute / MINUTE).toString(36)}-${index.toString(36)}`;
    const known = purpose === "buy" || (purpose === "look" && random.chance(SIGNED_IN));
    const customer = known ? this.#people.returning(random, startedAt) : null;
    return {
      key,
      startedAt,
      channel,
      device: purpose === "crawl" ? ROBOT : human,
      person: customer ?? makePerson(random, key),
      customer,
      purpose,
      first: false,
    };
  }
}
