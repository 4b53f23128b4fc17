package tidemark.peer;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.util.Utf8;

/** How the words of an event become dimension values (stream/core/clean.ts). One a task: the answers are remembered. */
final class Clean {
    private static final String UNKNOWN = "Unknown";
    private static final String UNSPECIFIED = "Unspecified";
    private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern INITIAL = Pattern.compile("(^|[\\s\\-/(])(\\p{L})", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern BOT = Pattern.compile("bot|crawl|spider", Pattern.CASE_INSENSITIVE);
    private static final Map<String, String> COUNTRIES = countries();
    private static final Utf8 NOTHING = new Utf8("");

    private final Map<Utf8, String> terms = new HashMap<>();
    private final Map<Utf8, String> segments = new HashMap<>();
    private final Map<Utf8, String> categories = new HashMap<>();
    private final Map<Utf8, String> countries = new HashMap<>();
    private final Map<Utf8, Boolean> bots = new HashMap<>();

    /** A channel or a device: trimmed and lower case. */
    String term(Utf8 word) {
        return memo(terms, word, text -> or(fold(text).toLowerCase(Locale.ROOT), "unknown"));
    }

    String segment(Utf8 word) {
        return memo(segments, word == null ? NOTHING : word, text -> or(fold(text), UNKNOWN));
    }

    String category(Utf8 word) {
        return memo(categories, word == null ? NOTHING : word, text -> or(titleCase(fold(text)), UNKNOWN));
    }

    String country(Utf8 word) {
        return memo(countries, word, text -> COUNTRIES.getOrDefault(fold(text).toUpperCase(Locale.ROOT), UNSPECIFIED));
    }

    boolean bot(Utf8 userAgent) {
        return userAgent != null && memo(bots, userAgent, text -> BOT.matcher(text).find());
    }

    /** Forgets all when there are too many, so that rubbish cannot fill memory. */
    private static <T> T memo(Map<Utf8, T> known, Utf8 word, Function<String, T> answer) {
        T before = known.get(word);
        if (before != null) return before;
        if (known.size() >= 20_000) known.clear();
        T made = answer.apply(word.toString());
        known.put(new Utf8(word), made); // a copy: the decoder uses its texts again
        return made;
    }

    private static String fold(String word) { return SPACES.matcher(word.strip()).replaceAll(" "); }

    private static String or(String word, String other) { return word.isEmpty() ? other : word; }

    private static String titleCase(String words) {
        return INITIAL.matcher(words.toLowerCase(Locale.ROOT))
                .replaceAll(m -> Matcher.quoteReplacement(m.group(1) + m.group(2).toUpperCase(Locale.ROOT)));
    }

    /** ISO 3166: by alpha-2, by alpha-3, by English name, and by names that shops use. */
    private static Map<String, String> countries() {
        Map<String, String> known = new HashMap<>();
        for (String code : Locale.getISOCountries()) {
            Locale country = new Locale("", code);
            known.put(code, code);
            known.put(country.getISO3Country(), code);
            known.put(country.getDisplayCountry(Locale.ENGLISH).toUpperCase(Locale.ROOT), code);
        }
        known.putAll(Map.of("UK", "GB", "EIRE", "IE", "RSA", "ZA", "UNITED STATES OF AMERICA", "US"));
        return known;
    }
}
