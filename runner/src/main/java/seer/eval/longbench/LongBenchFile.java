package seer.eval.longbench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import seer.model.load.MalformedModelException;

/// Reads LongBench's files as published: `DATASET.jsonl`, one object a line.
public final class LongBenchFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    private LongBenchFile(Path file) {
        this.file = file;
    }

    /// The dataset that a file is named after.
    ///
    /// @throws IllegalArgumentException if it is none that can be scored
    public static Dataset dataset(Path file) {
        String label = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
        return Dataset.of(label).orElseThrow(() -> new IllegalArgumentException(file + " is of dataset " + label
                + ", wanted one of " + Dataset.labels() + " (Chinese datasets need a word segmenter)"));
    }

    /// The first `limit` records.
    public static List<Example> read(Path file, int limit) throws IOException {
        var reader = new LongBenchFile(file);
        var examples = new ArrayList<Example>();
        try (var lines = Files.lines(file)) {
            int number = 0;
            for (String line : (Iterable<String>) lines::iterator) {
                number++;
                if (!line.isBlank() && examples.size() < limit) {
                    examples.add(reader.example(line, number));
                }
            }
        }
        if (examples.isEmpty()) {
            throw new IllegalArgumentException(file + " has no records, wanted one JSON object a line");
        }
        return examples;
    }

    private Example example(String line, int number) {
        JsonNode record;
        try {
            record = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new MalformedModelException(file, "line " + number + " is not JSON: " + e.getOriginalMessage(), e);
        }
        return new Example(record.path("_id").asText("line " + number), text(record, "input", number),
                text(record, "context", number), strings(record, "answers", number, true),
                strings(record, "all_classes", number, false));
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
        list.forEach(each -> strings.add(each.asText()));
        return List.copyOf(strings);
    }

    private MalformedModelException wrong(String field, int number, String wanted, JsonNode got) {
        String shown = got.isMissingNode() ? "nothing" : got.toString();
        return new MalformedModelException(file, "line " + number + ", field " + field + ": wanted " + wanted
                + ", got " + (shown.length() > 60 ? shown.substring(0, 60) + "..." : shown));
    }
}
