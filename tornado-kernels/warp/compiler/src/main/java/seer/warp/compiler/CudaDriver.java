package seer.warp.compiler;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The part of the CUDA driver that starts a kernel with more local memory than TornadoVM's own way allows: 48 KB
/// there, all that a multiprocessor has here.
final class CudaDriver {
    /// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`
    private static final int DYNAMIC_SHARED = 8;
    /// `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR` and `MINOR`
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;

    private final NativeLibrary library = NativeLibrary.open(List.of("libcuda.so.1", "libcuda.so"));
    private final MethodHandle launch = library.function("cuLaunchKernel", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT,
            JAVA_INT,
            JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS).handle();
    private final MethodHandle setContext = library.function("cuCtxSetCurrent", ADDRESS).handle();
    private final NativeLibrary.Function contextOf = library.function("cuStreamGetCtx", ADDRESS, ADDRESS);
    private final MethodHandle record = library.function("cuEventRecord", ADDRESS, ADDRESS).handle();
    private final NativeLibrary.Function create = library.function("cuEventCreate", ADDRESS, JAVA_INT);
    private final NativeLibrary.Function reached = library.function("cuEventSynchronize", ADDRESS);
    private final NativeLibrary.Function between = library.function("cuEventElapsedTime", ADDRESS, ADDRESS, ADDRESS);
    private final Map<Long, Stream> streams = new ConcurrentHashMap<>(); // by queue

    /// Compute capability of the first device, times ten.
    int capability() {
        return 10 * attribute(CAPABILITY_MAJOR) + attribute(CAPABILITY_MINOR);
    }

    private int attribute(int which) {
        try (var arena = Arena.ofConfined()) {
            var value = arena.allocate(JAVA_INT);
            library.function("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT).call(value, which, 0);
            return value.get(JAVA_INT, 0);
        }
    }

    /// A stream of commands and the context it belongs to.
    record Stream(MemorySegment stream, MemorySegment context) { }

    /// Reads TornadoVM's handle of a command queue, which begins with both; what is read is checked with the driver
    /// when it is first met.
    Stream stream(long queue) {
        var fields = MemorySegment.ofAddress(queue).reinterpret(2 * ADDRESS.byteSize());
        var found = new Stream(fields.getAtIndex(ADDRESS, 0), fields.getAtIndex(ADDRESS, 1));
        if (!found.equals(streams.get(queue))) {
            streams.put(queue, checked(found));
        }
        return found;
    }

    private Stream checked(Stream found) {
        try (var arena = Arena.ofConfined()) {
            enter(found);
            var owner = arena.allocate(ADDRESS);
            contextOf.call(found.stream(), owner);
            if (!owner.get(ADDRESS, 0).equals(found.context())) {
                throw new IllegalStateException("TornadoVM's command queue is not laid out as in version 5.2.0");
            }
        }
        return found;
    }

    /// Loads a program into the current context and finds its kernel.
    MemorySegment load(byte[] image, String kernel, int dynamicBytes) {
        try (var arena = Arena.ofConfined()) {
            var module = arena.allocate(ADDRESS);
            var bytes = arena.allocate(image.length, 64);
            bytes.copyFrom(MemorySegment.ofArray(image));
            library.function("cuModuleLoadData", ADDRESS, ADDRESS).call(module, bytes);
            var function = arena.allocate(ADDRESS);
            library.function("cuModuleGetFunction", ADDRESS, ADDRESS, ADDRESS)
                    .call(function, module.get(ADDRESS, 0), arena.allocateFrom(kernel));
            var found = function.get(ADDRESS, 0);
            if (dynamicBytes > 0) {
                library.function("cuFuncSetAttribute", ADDRESS, JAVA_INT, JAVA_INT)
                        .call(found, DYNAMIC_SHARED, dynamicBytes);
            }
            return found;
        }
    }

    /// Makes a stream's context that of the thread.
    private void enter(Stream stream) {
        try {
            require("cuCtxSetCurrent", (int) setContext.invokeExact(stream.context()));
        } catch (Throwable e) {
            throw failed("cuCtxSetCurrent", e);
        }
    }

    private static void require(String function, int status) {
        if (status != 0) {
            throw new IllegalStateException(function + " failed with status " + status);
        }
    }

    private static IllegalStateException failed(String function, Throwable e) {
        return e instanceof IllegalStateException known ? known
                : new IllegalStateException("the call of " + function + " failed", e);
    }

    /// Enqueues a kernel.
    ///
    /// @param parameters one pointer for each parameter
    void launch(Stream stream, MemorySegment function, long[] groups, long[] items, int dynamicBytes,
                MemorySegment parameters) {
        enter(stream);
        try {
            require("cuLaunchKernel", (int) launch.invokeExact(function, (int) groups[0], (int) groups[1],
                    (int) groups[2], (int) items[0], (int) items[1], (int) items[2], dynamicBytes, stream.stream(),
                    parameters, MemorySegment.NULL));
        } catch (Throwable e) {
            throw failed("cuLaunchKernel", e);
        }
    }

    /// A mark that can be set in a stream of the current context.
    MemorySegment event() {
        try (var arena = Arena.ofConfined()) {
            var event = arena.allocate(ADDRESS);
            create.call(event, 0);
            return event.get(ADDRESS, 0);
        }
    }

    /// Sets a mark behind what was enqueued so far.
    void record(MemorySegment event, Stream stream) {
        try {
            require("cuEventRecord", (int) record.invokeExact(event, stream.stream()));
        } catch (Throwable e) {
            throw failed("cuEventRecord", e);
        }
    }

    /// Milliseconds between two marks; waits for the second.
    double milliseconds(MemorySegment begin, MemorySegment end) {
        try (var arena = Arena.ofConfined()) {
            var time = arena.allocate(ValueLayout.JAVA_FLOAT);
            reached.call(end);
            between.call(time, begin, end);
            return time.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }
}
