package seer.warp.compiler;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import uk.ac.manchester.tornado.api.exceptions.TornadoBailoutRuntimeException;
import uk.ac.manchester.tornado.drivers.cuda.CUDACodeCache;
import uk.ac.manchester.tornado.drivers.cuda.CUDADeviceContext;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAInstalledCode;
import uk.ac.manchester.tornado.runtime.tasks.meta.TaskDataContext;

/// TornadoVM's store of compiled kernels, which compiles and starts them itself: those with operations of a warp
/// because TornadoVM cannot, the others so that all can be measured.
final class WarpCodeCache extends CUDACodeCache {
    /// Local memory that a kernel may declare by itself.
    private static final int STATIC_BYTES = 48 * 1024;
    private static final Pattern LOCAL = Pattern.compile("__shared__ int (\\w+)\\[(\\d+)];");
    private static final Pattern ENTRY = Pattern.compile("__global__ void ");
    private static final Pattern TOGETHER = Pattern.compile("/\\* groups together: (\\d+) \\*/");
    private static final Pattern CLUSTER = Pattern.compile("/\\* groups of a cluster: (\\d+) \\*/");

    private final CUDADeviceContext context;
    private final Internals internals;

    WarpCodeCache(CUDADeviceContext context, Internals internals) {
        super(context);
        this.context = context;
        this.internals = internals;
    }

    @Override
    public CUDAInstalledCode installSource(TaskDataContext task, String id, String entryPoint, byte[] source) {
        String text = Declarations.ordered(new String(source, StandardCharsets.UTF_8));
        if (task.isPrintKernelEnabled()) {
            System.out.println(text);
        }
        try {
            long[] items = task.getWorkerGrid(task.getId()).getLocalWork();
            var program = Program.of(text, items[0] * items[1] * items[2]);
            var image = internals.nvrtc().compile(program.text(), architecture(text));
            internals.log(entryPoint, image.log());
            var function = internals.driver().load(image.bytes(), entryPoint, program.dynamicBytes());
            var code = new WarpKernel(entryPoint, source, context, null, null, internals.driver(),
                    plan -> internals.stream(context, plan), function, program.dynamicBytes(), internals.times());
            internals.store(this, id + "-" + entryPoint, code);
            return code;
        } catch (IllegalStateException e) {
            throw new TornadoBailoutRuntimeException("kernel " + entryPoint + ": " + e.getMessage());
        }
    }

    /// Whether there are instructions in it that NVRTC is handed as they are.
    private static boolean collective(String text) {
        return text.contains("asm volatile(\"") || text.contains("asm(\"");
    }

    /// Marks how many groups are to fit a multiprocessor.
    static String together(int groups) {
        return "/* groups together: " + groups + " */";
    }

    /// Marks how many groups are a cluster.
    static String cluster(int groups) {
        return "/* groups of a cluster: " + groups + " */";
    }

    private String architecture(String text) {
        return text.contains("wgmma") ? "sm_90a" : "sm_" + internals.capability();
    }

    /// The generated text with what the compiler has to know beyond it.
    ///
    /// @param dynamicBytes local memory to be given at the start, where it is more than may be declared
    private record Program(String text, int dynamicBytes) {

        static Program of(String text, long items) {
            Matcher together = TOGETHER.matcher(text);
            String bounds = together.find() ? items + ", " + together.group(1) : "" + items;
            Matcher cluster = CLUSTER.matcher(text);
            String clustered = cluster.find() ? "__cluster_dims__(" + cluster.group(1) + ", 1, 1) " : "";
            String bounded = ENTRY.matcher(text).replaceFirst(
                    Matcher.quoteReplacement("__global__ void " + clustered + "__launch_bounds__(" + bounds + ") "));
            Matcher local = LOCAL.matcher(bounded);
            if (!local.find() || !collective(text)) {
                return new Program(bounded, 0);
            }
            int bytes = Integer.parseInt(local.group(2)) * Integer.BYTES;
            boolean dynamic = bytes > STATIC_BYTES;
            String declared = dynamic ? "extern __shared__ __align__(1024) int " + local.group(1) + "[];"
                    : "__shared__ __align__(1024) int " + local.group(1) + "[" + local.group(2) + "];";
            String result = bounded.substring(0, local.start()) + declared + bounded.substring(local.end());
            if (LOCAL.matcher(result.substring(local.start() + declared.length())).find()) {
                throw new IllegalStateException("operations of a warp want a single local array, it has several");
            }
            return new Program(result, dynamic ? bytes : 0);
        }
    }
}
