package seer.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import seer.model.load.FileTrouble;
import seer.model.load.JsonLine;
import seer.model.load.Quoted;
import seer.model.load.Utf8Text;
import seer.run.cluster.Document;
import seer.run.cluster.DocumentFaults;

/// Documents in lines of JSON: a file, or the files of a folder in the order of their names.
final class JsonDocuments {
    /// What some editors put before a text, a letter for each byte.
    private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";
    private static final String GZIP = ".gz";

    private final Path input;
    private final ColumnOptions columns;
    private final List<Path> files;
    private final Set<String> names = new HashSet<>(); // once they were counted
    private int count;

    /// @throws IllegalArgumentException if there are none
    JsonDocuments(Path input, ColumnOptions columns) throws IOException {
        this.input = input;
        this.columns = columns;
        if (!Files.exists(input)) {
            throw new IllegalArgumentException("--input " + input + ": there is no such file or folder");
        }
        this.files = Files.isDirectory(input) ? inside(input) : List.of(input);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("--input " + input + " has no file that ends in .json or .jsonl, or in "
                    + "those and .gz");
        }
    }

    private static List<Path> inside(Path folder) throws IOException {
        try (var all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().matches("[^._].*\\.jsonl?(\\.gz)?")).sorted()
                    .toList();
        }
    }

    /// How many there are.
    ///
    /// @throws IllegalArgumentException if two have one name, or none has a name or something to read
    int count() {
        names.clear();
        count = 0;
        boolean readable = false;
        String nameless = null; // what is said of the first
        for (var lines = new Lines(); lines.hasNext(); count++) {
            Line at = lines.next();
            JsonLine read = at.read();
            JsonNode line = read.object();
            String name = name(line);
            if (name == null && nameless == null) {
                nameless = DocumentFaults.nameless(at.file, at.number, read.fault(), columns.id());
            }
            if (name != null && !names.add(name)) {
                throw new IllegalArgumentException("column " + columns.id() + " has " + Quoted.of(name) + " twice, "
                        + "wanted another name for each document: the second is in " + at.file + ", line "
                        + at.number);
            }
            readable |= line.hasNonNull(columns.column());
        }
        if (names.isEmpty() || !readable) {
            throw new IllegalArgumentException("--input " + input + " has no document with a column "
                    + (names.isEmpty() ? columns.id() : columns.column())
                    + ", wanted one of text or tokens and one of names" + (nameless == null ? "" : "; " + nameless));
        }
        return count;
    }

    /// How many of those that were counted have a result.
    ///
    /// @param named    names of documents with a result
    /// @param nameless results of documents without a name
    int among(Set<String> named, int nameless) {
        return (int) names.stream().filter(named::contains).count() + Math.min(nameless, count - names.size());
    }

    /// One after the other.
    Iterator<Document> documents() {
        var lines = new Lines();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return lines.hasNext();
            }

            @Override
            public Document next() {
                return document(lines.next());
            }
        };
    }

    private Document document(Line at) {
        JsonLine read = at.read();
        JsonNode line = read.object();
        var keep = new LinkedHashMap<String, Object>();
        columns.keep().forEach(name -> keep.put(name, line.get(name)));
        String name = name(line);
        return new Document(name, keep, (reading, model) -> {
            if (name == null) {
                throw new IllegalArgumentException(DocumentFaults.nameless(at.file, at.number, read.fault(),
                        columns.id()));
            }
            JsonNode value = line.path(columns.column());
            return columns.tokens() ? reading.prompt(model.tokenizer(), model.config().vocabulary(), tokens(value))
                    : reading.prompt(model.tokenizer(), text(value, at.bytes));
        });
    }

    /// A line as it is in its file.
    ///
    /// @param number from 1
    private record Line(Path file, int number, byte[] bytes) {
        /// One that is no JSON is an empty one: it has no name. What is no UTF-8 in it is replaced, but in [#text].
        JsonLine read() {
            return JsonLine.of(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private String name(JsonNode line) {
        JsonNode name = line.path(columns.id());
        return name.isMissingNode() || name.isNull() ? null : name.isTextual() ? name.textValue() : name.toString();
    }

    /// @param line as it is in the file: where that is no UTF-8, neither is the text
    private static byte[] text(JsonNode value, byte[] line) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new IllegalArgumentException("the text is " + Quoted.of(value.toString()) + ", wanted a string");
        }
        if (!Utf8Text.is(line)) {
            return line;
        }
        String text = value.textValue();
        if (text.codePoints().anyMatch(JsonDocuments::isHalf)) {
            throw new IllegalArgumentException("the text has half a character, \\u%04x, wanted whole ones".formatted(
                    text.codePoints().filter(JsonDocuments::isHalf).findFirst().getAsInt()));
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isHalf(int character) {
        return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    }

    private static List<Number> tokens(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isArray()) {
            throw new IllegalArgumentException("the tokens are " + Quoted.of(value.toString())
                    + ", wanted a list of numbers");
        }
        var tokens = new ArrayList<Number>();
        for (JsonNode token : value) {
            if (!token.isIntegralNumber() && !token.isNull()) {
                throw new IllegalArgumentException("token " + tokens.size() + " is "
                        + Quoted.of(token.toString()) + ", wanted a whole number");
            }
            tokens.add(token.isNull() ? null : (Number) token.longValue());
        }
        return tokens;
    }

    /// The lines that are not blank, file after file.
    private final class Lines implements Iterator<Line> {
        private final Iterator<Path> left = files.iterator();
        private Path file;
        private int number;
        private BufferedReader reader; // null between files
        private String next; // a letter for each byte; null where nobody has asked for it yet

        @Override
        public boolean hasNext() {
            try {
                while (next == null && (reader != null || left.hasNext())) {
                    if (reader == null) {
                        file = left.next();
                        reader = new BufferedReader(new InputStreamReader(open(file), StandardCharsets.ISO_8859_1));
                        number = 0;
                    }
                    next = reader.readLine();
                    number++;
                    if (number == 1 && next != null && next.startsWith(BYTE_ORDER_MARK)) {
                        next = next.substring(BYTE_ORDER_MARK.length());
                    }
                    if (next == null) {
                        reader.close();
                        reader = null;
                    } else if (next.isBlank()) {
                        next = null;
                    }
                }
                return next != null;
            } catch (IOException e) {
                throw new UncheckedIOException(file + ": " + FileTrouble.reading(file, e), e);
            }
        }

        private static InputStream open(Path file) throws IOException {
            var in = Files.newInputStream(file);
            return file.toString().endsWith(GZIP) ? new GZIPInputStream(in) : in;
        }

        @Override
        public Line next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var line = new Line(file, number, next.getBytes(StandardCharsets.ISO_8859_1));
            next = null;
            return line;
        }
    }
}
