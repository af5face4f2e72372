package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import seer.model.backend.BackendInfo;

/// Lines of results, as people and as programs read them.
class RowTest {
    private static final Row ROW = new Row("dense", false, 1, 6700.0, 477.0, 1.0, 1.0, null, null, null, null, null);

    @Test
    void compilingForADeviceIsAFigureOfItsOwn() {
        var compiled = ROW.withCompiling(41_250_000_000L);
        String table = Printer.table(List.of(compiled, ROW)).toString();
        assertTrue(table.contains("compile s"), table);
        assertTrue(table.lines().anyMatch(line -> line.matches(" dense +1.000 +6.70 .* 41.3 *")), table);
        assertEquals(41_250, new ObjectMapper().valueToTree(compiled).get("compile_ms").asDouble());
    }

    @Test
    void whereNothingWasCompiledNothingIsSaid() {
        var row = ROW.withCompiling(0);
        assertFalse(Printer.table(List.of(row)).toString().contains("compile"));
        assertFalse(new ObjectMapper().valueToTree(row).has("compile_ms"));
    }

    @Test
    void namesAreWholeAndAnswersAreCut() {
        String name = "cpu-" + "x".repeat(150) + " (Portable Computing Language)";
        var table = new Table<>(List.of(name)).text("device", text -> text).words("answer", text -> text).toString();
        assertTrue(table.contains(name), table);
        assertTrue(table.contains("cpu-" + "x".repeat(65) + "..."), table);
        assertEquals(2, table.lines().count());
    }

    @Test
    void oneThreadIsOne() {
        assertEquals("1 thread", Count.of(1, "thread"));
        assertEquals("0 threads", Count.of(0, "thread"));
        assertEquals("32,000 tokens", Count.of(32_000, "token"));
        var machine = Result.Machine.of(new BackendInfo("tornado", "a GPU", "TornadoVM", 1), Map.of());
        var out = new StringWriter();
        Printer.machine(machine, new PrintWriter(out));
        assertTrue(out.toString().strip().endsWith(", 1 thread on the host"), out.toString());
    }
}
