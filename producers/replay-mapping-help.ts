// What --help says about mappings. A test reads its example with the real reader.

export const MAPPING_HELP = `
A mapping says which column means what. All that may stand in it, with an example:

  currency: EUR                  # ISO 4217, of all amounts; needed
  timeZone: Europe/Berlin        # of times without one of their own [UTC]
  timeFormat: day-first          # iso, day-first or month-first [iso]
  delimiter: ";"                 # [,]
  decimalMark: ","               # [.]
  encoding: latin1               # utf8, latin1 or utf16le [utf8]
  columns:                       # by their names in the file's first line
    order: Bestellnummer         # needed, and so are the next four
    time: Datum
    sku: Artikel
    quantity: Menge
    price: Einzelpreis           # of one unit; at most four decimal places
    name: Bezeichnung            # and, where there are any:
    category: Warengruppe
    customer: Kundennummer
    country: Land
    # region, channel, campaign, device, segment
  defaults:                      # where no column says so
    channel: wholesale           # [unknown]
    country: Germany             # []
    device: desktop              # [unknown]
  refunds:
    prefix: R                    # order numbers that begin so are refunds, with negative quantities
    negativeQuantity: true       # so is any other line with a negative quantity [false: it is rejected]
  stockChanges:
    negativeAtNoPrice: true      # a negative quantity at price 0 is a write-off [false]

Lines of one order become one event; what an order says of itself is taken from its first line.
A time that occurs twice when clocks are set back is the first; one that is skipped is moved on by an hour.`;
