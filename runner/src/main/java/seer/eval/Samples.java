package seer.eval;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import seer.model.load.AtomicFile;

/// All samples of an evaluation, in the order in which they were measured; as CSV they survive a run that is cut off.
public final class Samples {
    private static final List<String> COLUMNS = List.of("run", "measure", "task", "tokens", "selector",
            "dense_last_rows", "item", "value", "weight", "density", "selection_ms", "attention_ms", "prefill_ms");

    private final Map<SampleKey, Sample> samples = new LinkedHashMap<>();

    public void put(SampleKey key, Sample sample) {
        samples.put(key, sample);
    }

    /// The sample, or null if it was not measured.
    public Sample get(SampleKey key) {
        return samples.get(key);
    }

    /// Every sample by its key.
    public Map<SampleKey, Sample> all() {
        return Collections.unmodifiableMap(samples);
    }

    /// Those of some measures alone.
    public Samples of(Measure... measures) {
        var some = new Samples();
        samples.forEach((key, sample) -> {
            if (List.of(measures).contains(key.measure())) {
                some.put(key, sample);
            }
        });
        return some;
    }

    /// Reads a file that [#write] wrote.
    ///
    /// @param run what the samples must have been measured on: model, gate, texts, backend; null takes any
    /// @throws IllegalArgumentException if the file is of another run or is broken
    public static Samples read(Path file, String run) throws IOException {
        var samples = new Samples();
        var format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
        try (var parser = format.parse(new StringReader(Files.readString(file)))) {
            if (!parser.getHeaderNames().equals(COLUMNS)) {
                throw new IllegalArgumentException(file + " has the columns " + parser.getHeaderNames() + ", wanted "
                        + COLUMNS);
            }
            for (CSVRecord line : parser) {
                if (run != null && !line.get("run").equals(run)) {
                    throw new IllegalArgumentException(file + ", line " + line.getRecordNumber() + ": its run is "
                            + line.get("run") + ", this one is " + run
                            + ": another model, gate, text, seed or backend; write to another file");
                }
                samples.read(line);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(file + " has a field that is no number: " + e.getMessage(), e);
        }
        return samples;
    }

    private void read(CSVRecord line) {
        put(new SampleKey(Measure.of(line.get("measure")), line.get("task"), Integer.parseInt(line.get("tokens")),
                line.get("selector"), Integer.parseInt(line.get("dense_last_rows")), line.get("item")),
                new Sample(number(line, "value"), number(line, "weight"), number(line, "density"),
                        number(line, "selection_ms"), number(line, "attention_ms"), number(line, "prefill_ms"),
                        Map.of()));
    }

    private static double number(CSVRecord line, String column) {
        return Double.parseDouble(line.get(column));
    }

    /// Replaces the file.
    public void write(Path file, String run) {
        var format = CSVFormat.DEFAULT;
        var text = new StringBuilder(format.format(COLUMNS.toArray())).append(format.getRecordSeparator());
        samples.forEach((key, sample) -> text.append(format.format(run, key.measure().label(), key.task(),
                key.tokens(), key.selector(), key.denseLastRows(), key.item(), sample.value(), sample.weight(),
                sample.density(), sample.selectionMs(), sample.attentionMs(), sample.prefillMs()))
                .append(format.getRecordSeparator()));
        AtomicFile.write(file, channel -> channel.write(ByteBuffer.wrap(
                text.toString().getBytes(StandardCharsets.UTF_8))));
    }
}
