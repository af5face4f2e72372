package seer.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Prints results, each with the machine that gave it.
final class Printer {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private Printer() { }

    static void print(Result result, boolean json, PrintWriter out) {
        if (json) {
            json(result, out);
            return;
        }
        header(result, out);
        out.println(table(result.rows()));
        kernels(result.machine().kernels(), out);
    }

    /// Any record as JSON. JSON has no NaN and no infinity, and a string in their place would be a lie.
    static void json(Object value, PrintWriter out) {
        json(value, JSON.writer(), out);
    }

    /// The same in one line.
    static void jsonLine(Object value, PrintWriter out) {
        json(value, JSON.writer().without(SerializationFeature.INDENT_OUTPUT), out);
    }

    private static void json(Object value, ObjectWriter writer, PrintWriter out) {
        try {
            JsonNode tree = JSON.valueToTree(value);
            checkFinite("result", tree);
            out.println(writer.writeValueAsString(tree));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result does not become JSON: " + e.getMessage(), e);
        }
    }

    private static void checkFinite(String place, JsonNode node) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.doubleValue())) {
            throw new IllegalArgumentException(place + " is " + node.doubleValue() + ", wanted a finite number");
        }
        node.properties().forEach(field -> checkFinite(place + "." + field.getKey(), field.getValue()));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            checkFinite(place + "[" + i + "]", node.get(i));
        }
    }

    /// Model, prompt, machine, and what holds for all rows.
    static void header(Result result, PrintWriter out) {
        var model = result.model();
        out.printf(Locale.ROOT, "%s: %,d parameters%s%s%n", model.folder(), model.parameters(), gates(model),
                prompt(result));
        computer(result.machine(), out);
        if (result.conditions() != null) {
            result.conditions().print(out);
        }
        out.println();
    }

    /// Backend, device, JDK, threads and the kernels that were taken, and an empty line.
    static void machine(Result.Machine machine, PrintWriter out) {
        computer(machine, out);
        kernels(machine.kernels(), out);
        out.println();
    }

    /// Backend, device, JDK and threads, in a line.
    static void computer(Result.Machine machine, PrintWriter out) {
        out.printf(Locale.ROOT, "backend %s on %s (%s), JDK %s, %s%s%n", machine.backend(),
                machine.device(), machine.detail(), machine.jdk(), Count.of(machine.threads(), "thread"),
                machine.backend().equals("cpu") ? "" : " on the host");
    }

    /// The kernels that were taken, if there were several to choose from: below a table whose header stood there before
    /// anything was computed.
    static void kernels(Map<String, String> taken, PrintWriter out) {
        if (!taken.isEmpty()) {
            out.println("kernels: " + taken.entrySet().stream().map(each -> each.getKey() + " " + each.getValue())
                    .collect(Collectors.joining("; ")));
        }
    }

    /// Lines as a paragraph of markdown that keeps them apart; nothing where there are none.
    static String paragraph(String lines) {
        return lines.isBlank() ? "" : lines.strip().replace("\n", "  \n") + "\n\n";
    }

    static Table<Row> table(List<Row> rows) {
        return new Table<>(rows).text("selector", row -> row.selector() + (row.onHost() ? " (host)" : ""))
                .number("density", "%.3f", Row::density)
                .number("TTFT s", "%.2f", row -> seconds(row.ttftMs()))
                .number("tokens/s", "%,.0f", Row::tokensPerS)
                .number("attn s", "%.2f", row -> seconds(row.attentionMs()))
                .number("gate s", "%.2f", row -> seconds(row.selectionMs()))
                .number("compile s", "%.1f", row -> seconds(row.compileMs()))
                .number("peak MiB", "%,.0f", Row::peakRssMib)
                .number("perplexity", "%.3f", Row::perplexity)
                .words("right answer", Row::wanted)
                .words("answer", Row::answer);
    }

    private static Double seconds(Double millis) {
        return millis == null ? null : millis * 1e-3;
    }

    private static String prompt(Result result) {
        if (result.windows() != null) {
            return String.format(Locale.ROOT, ", %d %s of %,d tokens", result.windows(),
                    result.windows() == 1 ? "window" : "windows", result.promptTokens());
        }
        return result.promptTokens() == null ? ""
                : String.format(Locale.ROOT, ", prompt of %,d tokens", result.promptTokens());
    }

    private static String gates(Result.Model model) {
        return model.gateParameters() == null ? "" : String.format(Locale.ROOT,
                ", gates %s of %,d parameters (%.2f %% of the model's), block %d", model.gateFolder(),
                model.gateParameters(), 100.0 * model.gateParameters() / model.parameters(), model.gateBlock());
    }
}
