package seer.warp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the compiler extension makes of the variables that TornadoVM declares. The extension is built where there is a
/// TornadoVM; this class of it needs none.
class DeclarationsTest {
    private static final String HEAD = "extern \"C\" __global__ void rows(unsigned char *x, int N)\n{\n";
    private static final String BODY = "\n  // BLOCK 0\n  i_4  =  (threadIdx.x);\n"
            + "  if(b_12)\n  {\n    return;\n  }\n}\n";
    private static final List<List<String>> VARIABLES = List.of(List.of("int", "i_4", "i_9", "i_10", "i_100"),
            List.of("unsigned long long", "ul_0", "ul_2", "ul_11"), List.of("long long", "l_3"),
            List.of("bool", "b_12", "b_13"), List.of("float", "f_5", "f_6"));

    @TempDir static Path classes;
    private static Method ordered;

    @BeforeAll
    static void compileIt() throws Exception {
        var source = Path.of("tornado-kernels/warp/compiler/src/main/java/seer/warp/compiler/"
                + "Declarations.java");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(),
                source.toString()));
        var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, null);
        ordered = loader.loadClass("seer.warp.compiler.Declarations").getDeclaredMethod("ordered", String.class);
        ordered.setAccessible(true);
    }

    private static String ordered(String text) throws ReflectiveOperationException {
        return (String) ordered.invoke(null, text);
    }

    /// A text as TornadoVM may write it in one process.
    private static String drawn(Random random) {
        var kinds = new ArrayList<>(VARIABLES);
        Collections.shuffle(kinds, random);
        return kinds.stream().map(kind -> {
            var names = new ArrayList<>(kind.subList(1, kind.size()));
            Collections.shuffle(names, random);
            return "  " + kind.getFirst() + " " + String.join(", ", names) + "; \n";
        }).collect(Collectors.joining());
    }

    @Test
    void oneKernelHasOneTextInEveryProcess() throws ReflectiveOperationException {
        var random = new Random(3);
        String wanted = HEAD + "  bool b_12, b_13;\n  float f_5, f_6;\n  int i_4, i_9, i_10, i_100;\n  long long l_3;\n"
                + "  unsigned long long ul_0, ul_2, ul_11;\n" + BODY;
        for (int i = 0; i < 20; i++) {
            assertEquals(wanted, ordered(HEAD + drawn(random) + BODY));
        }
    }

    /// As kernels of tensor cores have them.
    @Test
    void thousandsOfVariablesAreOrdered() throws ReflectiveOperationException {
        var names = IntStream.range(0, 20_000).mapToObj(i -> "i_" + i).toList();
        var drawn = new ArrayList<>(names);
        Collections.shuffle(drawn, new Random(5));
        assertEquals(HEAD + "  int " + String.join(", ", names) + ";\n" + BODY,
                ordered(HEAD + "  int " + String.join(", ", drawn) + "; \n" + BODY));
    }

    @Test
    void theFunctionsThatAKernelCallsAreOrderedTooAndStatementsStay() throws ReflectiveOperationException {
        String callee = "__device__ float sum(float f_1)\n{\n";
        String rest = "\n  f_3  =  f_1 + f_2;\n  return f_3;\n}\n\n";
        assertEquals(callee + "  float f_2, f_3;\n  int i_1;\n" + rest + HEAD + "  int i_4;\n" + BODY,
                ordered(callee + "  int i_1; \n  float f_3, f_2; \n" + rest + HEAD + "  int i_4; \n" + BODY));
        String none = HEAD + BODY;
        assertEquals(none, ordered(none));
        assertTrue(ordered(HEAD + "  int i_2; \n  __shared__ int l_7[16];\n  int i_1; \n" + BODY)
                .contains("  int i_2;\n  __shared__ int l_7[16];\n  int i_1; \n"));
    }
}
