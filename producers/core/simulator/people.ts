// Who comes to the shop. A customer is known by the session that won them, so anyone can be made again from its number alone.
import { CHANNELS, type Channel } from "./channels.ts";
import { pickPlace, type Place } from "./geography.ts";
import { Random } from "./random.ts";
import { expectedSessions } from "./rhythm.ts";
import { DAY, HOUR, type Shop } from "./shop.ts";
import type { StoreTime } from "./store-time.ts";
import { weighted } from "./weighted.ts";

export interface Person {
  readonly key: string;
  readonly place: Place;
  /** Basket size against the average. */
  readonly spend: number;
  readonly segment: string;
}

export interface Customer extends Person {
  /** When they came for the first time, ms UTC; they bought then. */
  readonly since: number;
  readonly channel: Channel;
}

/** Spread of what people spend and of how often they come back; together they make 15 % of customers bring 60 % of sales. */
const SPEND_SPREAD = 0.92;
const ACTIVITY_SPREAD = 1.3;
const WEEK = 7 * DAY;
const WEEKS_KEPT = 300;
/** People come back after days or after months: shares and mean ages in ms. */
const RETURNS = { soon: 0.55, soonAge: 12 * DAY, lateAge: 110 * DAY } as const;

const wins = (channel: Channel): number => channel.share * channel.conversion * channel.acquires;
/** Share of sessions that win a customer. */
export const ACQUIRING = CHANNELS.reduce((sum, channel) => sum + wins(channel), 0);
const pickWinner = weighted(CHANNELS, wins);

const lognormal = (random: Random, spread: number): number => Math.exp(spread * random.normal() - spread ** 2 / 2);

export function makePerson(random: Random, key: string): Person {
  const place = pickPlace(random);
  const spend = lognormal(random, SPEND_SPREAD);
  return { key, place, spend, segment: spend > 1.8 ? "VIP" : spend > 0.7 ? "Regular" : "Bargain hunter" };
}

/** Someone's number: nobody is made before they are needed. */
interface Ticket {
  readonly hour: number;
  readonly index: number;
  readonly since: number;
  readonly channel: Channel;
}

/** All customers of a shop, week by week; weeks are remembered as long as there is room. */
export class People {
  readonly #shop: Shop;
  readonly #time: StoreTime;
  readonly #weeks = new Map<number, (random: Random) => Ticket | null>();

  constructor(shop: Shop, time: StoreTime) {
    this.#shop = shop;
    this.#time = time;
  }

  /** Those whom the hour that begins at `hour` (ms UTC) won. */
  wonIn(hour: number): Customer[] {
    return this.#ticketsOf(hour).map((ticket) => this.#customer(ticket));
  }

  /** A customer from before `now` who comes back then; null if there was nobody. */
  returning(random: Random, now: number): Customer | null {
    for (let attempt = 0; attempt < 6; attempt++) {
      const age = random.exponential(random.chance(RETURNS.soon) ? RETURNS.soonAge : RETURNS.lateAge);
      const ticket = this.#week(Math.floor((now - age) / WEEK))(random);
      if (ticket !== null && ticket.since < now - HOUR) return this.#customer(ticket);
    }
    return null;
  }

  #week(week: number): (random: Random) => Ticket | null {
    const known = this.#weeks.get(week);
    if (known !== undefined) return known;
    if (this.#weeks.size >= WEEKS_KEPT) this.#weeks.clear();
    const random = new Random(this.#shop.seed, "activity", week);
    const tickets: Ticket[] = [];
    for (let hour = week * WEEK; hour < (week + 1) * WEEK; hour += HOUR) tickets.push(...this.#ticketsOf(hour));
    // How often each comes back, against the others.
    const activity = ({ channel }: Ticket): number => channel.loyalty * lognormal(random, ACTIVITY_SPREAD);
    const pick = tickets.length === 0 ? () => null : weighted(tickets, activity);
    this.#weeks.set(week, pick);
    return pick;
  }

  #ticketsOf(hour: number): Ticket[] {
    const random = new Random(this.#shop.seed, "won", hour / HOUR);
    const expected = 60 * expectedSessions(this.#shop, this.#time, hour + HOUR / 2) * ACQUIRING;
    return Array.from({ length: random.count(expected) }, (_, index) => ({
      hour,
      index,
      since: hour + random.below(HOUR),
      channel: pickWinner(random),
    }));
  }

  #customer({ hour, index, since, channel }: Ticket): Customer {
    const random = new Random(this.#shop.seed, "customer", hour / HOUR, index);
    const person = makePerson(random, `${(hour / HOUR).toString(36)}-${index.toString(36)}`);
    return { ...person, since, channel };
  }
}
