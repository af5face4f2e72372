package seer.eval;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import seer.model.load.AtomicFile;
import seer.model.load.Quoted;
import seer.model.load.Utf8Text;

/// Samples as CSV, RFC 4180 with a header; a time that was not measured is empty, or NaN in older files.
///
/// A run of hours goes on from it, so nothing of it is taken on trust: what no evaluation writes is refused.
final class SamplesFile {
    private static final List<String> COLUMNS = List.of("run", "measure", "task", "tokens", "selector",
            "dense_last_rows", "item", "value", "weight", "density", "selection_ms", "attention_ms", "prefill_ms");
    /// Where commons-csv says it stopped.
    private static final Pattern LINE = Pattern.compile("line:? ([0-9][0-9.,]*)");
    private static final Pattern INTEGER = Pattern.compile("[0-9]{1,10}");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?");

    private final Path file;
    private final Samples samples = new Samples();
    private final Map<SampleKey, Long> lines = new HashMap<>();
    private String run; // null until the first line has said it, where any will do

    private SamplesFile(Path file, String run) {
        this.file = file;
        this.run = run;
    }

    /// @param run what the samples must have been measured on; null takes any, if all are of the same
    static Samples read(Path file, String run) {
        var reader = new SamplesFile(file, run);
        String text = Utf8Text.read(file, wrong -> new MalformedSamplesException(file, wrong));
        try (var parser = CSVFormat.DEFAULT.parse(new StringReader(text))) {
            boolean header = true;
            for (CSVRecord line : parser) {
                if (header) {
                    reader.header(line);
                    header = false;
                } else {
                    reader.line(line, parser.getCurrentLineNumber());
                }
            }
            if (header) {
                throw new MalformedSamplesException(file, "is empty, wanted a line with the columns " + COLUMNS);
            }
        } catch (UncheckedIOException e) { // of the parser: the text is in memory
            throw new MalformedSamplesException(file, broken(e.getCause().getMessage()));
        } catch (IOException e) {
            throw new MalformedSamplesException(file, broken(e.getMessage()));
        }
        return reader.samples;
    }

    /// What the parser met: quotes, as nothing else can be wrong with a line for it.
    private static String broken(String met) {
        var line = LINE.matcher(met);
        String where = line.find() ? "line " + line.group(1).replaceAll("[.,]", "") + ": " : "";
        return met.contains("EOF") ? where + "wanted a quote that ends the field, got the end of the file"
                : where + "wanted a comma or the end of the line behind a field in quotes, got more of it";
    }

    static void write(Samples samples, Path file, String run) {
        var format = CSVFormat.DEFAULT;
        var text = new StringBuilder(format.format(COLUMNS.toArray())).append(format.getRecordSeparator());
        samples.all().forEach((key, sample) -> text.append(format.format(run, key.measure().label(), key.task(),
                key.tokens(), key.selector(), key.denseLastRows(), key.item(), sample.value(), sample.weight(),
                sample.density(), time(sample.selectionMs()), time(sample.attentionMs()), time(sample.prefillMs())))
                .append(format.getRecordSeparator()));
        AtomicFile.write(file, text.toString());
    }

    private static Double time(double milliseconds) {
        return Double.isNaN(milliseconds) ? null : milliseconds;
    }

    private void header(CSVRecord line) {
        var columns = Arrays.asList(line.values());
        if (!columns.equals(COLUMNS)) {
            throw new MalformedSamplesException(file, "has the columns " + Quoted.of(columns.toString()) + ", wanted "
                    + COLUMNS);
        }
    }

    private void line(CSVRecord line, long number) {
        if (line.size() != COLUMNS.size()) {
            throw new MalformedSamplesException(file, "line " + number + ": wanted " + COLUMNS.size()
                    + " fields, got " + line.size() + (line.size() < COLUMNS.size()
                    ? "; where writing was cut short, take the line out to go on" : ""));
        }
        var fields = new Fields(line, number);
        String its = fields.text("run");
        if (run != null && !its.equals(run)) {
            throw new MalformedSamplesException(file, "line " + number + ": its run is " + Quoted.of(its)
                    + ", this one is " + Quoted.of(run)
                    + ": another model, gate, text, seed or backend; write to another file");
        }
        run = its;
        var key = new SampleKey(fields.measure(), fields.text("task"), fields.integer("tokens", 1),
                fields.text("selector"), fields.integer("dense_last_rows", 0), fields.text("item"));
        var sample = new Sample(fields.number("value"), fields.number("weight"), fields.number("density"),
                fields.time("selection_ms"), fields.time("attention_ms"), fields.time("prefill_ms"), Map.of());
        String fault = sample.fault(key.measure());
        if (fault != null) {
            throw new MalformedSamplesException(file, "line " + number + ", field " + fault);
        }
        add(key, sample, number);
    }

    /// The same sample may stand there twice, as where processes shared the work: but then it has one value.
    private void add(SampleKey key, Sample sample, long number) {
        var before = samples.get(key);
        if (before == null) {
            samples.put(key, sample);
            lines.put(key, number);
        } else if (!before.agrees(sample)) {
            throw new MalformedSamplesException(file, "line " + number + " is of the same sample as line "
                    + lines.get(key) + ", with another value, weight or density");
        }
    }

    /// The fields of a line.
    private final class Fields {
        private final CSVRecord line;
        private final long number;

        Fields(CSVRecord line, long number) {
            this.line = line;
            this.number = number;
        }

        String text(String column) {
            String text = line.get(COLUMNS.indexOf(column));
            if (text.isEmpty()) {
                throw wrong(column, "something");
            }
            return text;
        }

        Measure measure() {
            return Measure.of(text("measure")).orElseThrow(() -> wrong("measure", "one of " + Measure.labels()));
        }

        int integer(String column, int least) {
            String text = text(column);
            long value = INTEGER.matcher(text).matches() ? Long.parseLong(text) : -1;
            if (value < least || value > Integer.MAX_VALUE) {
                throw wrong(column, "a whole number from " + least + " on");
            }
            return (int) value;
        }

        double number(String column) {
            String text = text(column);
            if (!NUMBER.matcher(text).matches()) {
                throw wrong(column, "a number");
            }
            return Double.parseDouble(text);
        }

        /// A time in milliseconds, NaN where it was not measured.
        double time(String column) {
            String text = line.get(COLUMNS.indexOf(column));
            return text.isEmpty() || text.equals("NaN") ? Double.NaN : number(column);
        }

        private MalformedSamplesException wrong(String column, String wanted) {
            String text = line.get(COLUMNS.indexOf(column));
            boolean noNumber = wanted.contains("number") && !NUMBER.matcher(text).matches();
            return new MalformedSamplesException(file, "line " + number + ", field " + column + ": wanted " + wanted
                    + ", got \"" + Quoted.of(text) + "\"" + (noNumber ? ", which is no number" : ""));
        }
    }
}
