package seer.eval.longbench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import seer.model.load.JsonLine;
import seer.model.load.MalformedModelException;
import seer.model.load.Quoted;
import seer.model.load.Utf8Text;

/// Reads LongBench's files as published: `DATASET.jsonl`, one object a line.
public final class LongBenchFile {
    private final Path file;
    private final Set<String> ids = new HashSet<>();

    private LongBenchFile(Path file) {
        this.file = file;
    }

    /// What a file is called in tables: LongBench-E's `qasper_e` has other records than `qasper`.
    public static String label(Path file) {
        return String.valueOf(file.toAbsolutePath().getFileName()).replaceFirst("\\.jsonl$", "");
    }

    /// The dataset that a file is named after.
    ///
    /// @throws IllegalArgumentException if it is none that can be scored
    public static Dataset dataset(Path file) {
        String label = label(file);
        return Dataset.of(label).orElseThrow(() -> new IllegalArgumentException(file + " is of dataset " + label
                + ", wanted one of " + Dataset.labels() + " (Chinese datasets need a word segmenter)"));
    }

    /// The first `limit` records.
    ///
    /// @throws MalformedModelException naming the file, the line, the field, what was wanted and what was found
    public static List<Example> read(Path file, int limit) {
        var dataset = dataset(file);
        var reader = new LongBenchFile(file);
        var examples = new ArrayList<Example>();
        int number = 0;
        for (String line : (Iterable<String>) Utf8Text.read(file).lines()::iterator) {
            number++;
            if (!line.isBlank() && examples.size() < limit) {
                var example = reader.example(line, number);
                String problem = dataset.problem(example);
                if (problem != null) {
                    throw new MalformedModelException(file, "line " + number + ", field " + problem);
                }
                examples.add(example);
            }
        }
        if (examples.isEmpty()) {
            throw new MalformedModelException(file, "has no records, wanted one JSON object a line");
        }
        return examples;
    }

    private Example example(String line, int number) {
        var read = JsonLine.of(line);
        if (read.fault() != null) {
            throw new MalformedModelException(file, "line " + number + read.fault());
        }
        JsonNode record = read.object();
        return new Example(id(record, number), text(record, "input", number), text(record, "context", number),
                strings(record, "answers", number, true), strings(record, "all_classes", number, false));
    }

    /// The record's name among those of the file: where it has none of its own, its line's.
    private String id(JsonNode record, int number) {
        JsonNode id = record.path("_id");
        String name = "line " + number;
        if (id.isMissingNode() || id.isNull()) {
            return name;
        }
        if (!id.isTextual() && !id.isIntegralNumber()) {
            throw wrong("_id", number, "a string", id);
        }
        return ids.add(id.asText()) ? id.asText() : id.asText() + ", " + name;
    }

    private String text(JsonNode record, String field, int number) {
        if (!record.path(field).isTextual()) {
            throw wrong(field, number, "a string", record.path(field));
        }
        return record.get(field).textValue();
    }

    private List<String> strings(JsonNode record, String field, int number, boolean required) {
        JsonNode list = record.path(field);
        if (!required && (list.isMissingNode() || list.isNull())) {
            return List.of();
        }
        if (!list.isArray() || required && list.isEmpty()) {
            throw wrong(field, number, "a list of strings", list);
        }
        var strings = new ArrayList<String>();
        for (JsonNode each : list) {
            if (!each.isTextual()) {
                throw wrong(field, number, "a list of strings", list);
            }
            strings.add(each.textValue());
        }
        return List.copyOf(strings);
    }

    private MalformedModelException wrong(String field, int number, String wanted, JsonNode got) {
        return new MalformedModelException(file, "line " + number + ", field " + field + ": wanted " + wanted
                + ", got " + shown(got));
    }

    private static String shown(JsonNode got) {
        return got.isMissingNode() ? "nothing" : Quoted.of(got.toString());
    }
}
