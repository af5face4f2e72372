package seer.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Methods are short, and whoever is not has a reason. Measured by the compiler's own parser, from the first line of
/// the declaration to its last brace.
class MethodLengthTest {
    private static final int MAX = 50;
    private static final int MAX_KERNEL = 100;

    /// Local arrays do not go to helpers of a kernel, so what shares them is one method.
    private static final String LOCAL_ARRAYS = "steps of one kernel share local arrays, which helpers cannot take";
    /// A micro-kernel is a loop over registers, and registers are local variables.
    private static final String REGISTERS = "accumulators are local variables, so that they stay in registers";

    private static final Map<String, String> LONGER = Map.of(
            "TopSelection.list", LOCAL_ARRAYS, "ThresholdSelection.list", LOCAL_ARRAYS,
            "BlockSparseAttentionTiled.tiled", LOCAL_ARRAYS, "GateVectors.fused", LOCAL_ARRAYS,
            "PanelKernel.rows4x4", REGISTERS, "ValueKernel.columns4x4", REGISTERS);

    /// Lines of every method of the product, by `Class.method`; of methods of one name the longest.
    private static final Map<String, Integer> LINES = new TreeMap<>();
    private static final List<String> KERNELS = new ArrayList<>();

    @BeforeAll
    static void measure() throws IOException {
        List<Path> sources;
        try (var paths = Files.walk(Path.of(""))) {
            sources = paths.filter(path -> path.toString().matches(".*src/main/java/.*\\.java")).toList();
        }
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(
                    sources));
            var trees = Trees.instance(task);
            for (var unit : task.parse()) {
                String file = Path.of(unit.getSourceFile().getName()).getFileName().toString().replace(".java", "");
                boolean kernels = unit.getPackageName().toString().equals("seer.kernels");
                new TreePathScanner<Void, Void>() {
                    @Override
                    public Void visitMethod(MethodTree method, Void nothing) {
                        var positions = trees.getSourcePositions();
                        long first = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, method));
                        long last = unit.getLineMap().getLineNumber(positions.getEndPosition(unit, method));
                        String name = file + "." + method.getName();
                        LINES.merge(name, (int) (last - first + 1), Math::max);
                        if (kernels) {
                            KERNELS.add(name);
                        }
                        return super.visitMethod(method, nothing);
                    }
                }.scan(unit, null);
            }
        }
        assertTrue(LINES.size() > 1000, "methods were found: " + LINES.size());
    }

    private static boolean tooLong(String name, int lines) {
        return lines > (KERNELS.contains(name) ? MAX_KERNEL : MAX);
    }

    @Test
    void methodsAreShortOrHaveAReason() {
        var found = LINES.entrySet().stream().filter(method -> tooLong(method.getKey(), method.getValue()))
                .filter(method -> !LONGER.containsKey(method.getKey())).toList();
        assertEquals(List.of(), found);
    }

    /// A reason that nobody needs any more is taken off the list.
    @Test
    void everyReasonIsNeeded() {
        assertEquals(List.of(), LONGER.keySet().stream().sorted()
                .filter(name -> !LINES.containsKey(name) || !tooLong(name, LINES.get(name))).toList());
    }
}
