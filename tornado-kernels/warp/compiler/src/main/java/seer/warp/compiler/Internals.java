package seer.warp.compiler;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.function.Consumer;
import uk.ac.manchester.tornado.drivers.cuda.CUDACodeCache;
import uk.ac.manchester.tornado.drivers.cuda.CUDACommandQueue;
import uk.ac.manchester.tornado.drivers.cuda.CUDACommandQueueTable;
import uk.ac.manchester.tornado.drivers.cuda.CUDADeviceContext;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAInstalledCode;

/// What of TornadoVM and of CUDA the extension reaches into that is not public; all of it is looked up at once.
final class Internals {
    private final Nvrtc nvrtc = new Nvrtc();
    private final CudaDriver driver = new CudaDriver();
    private final KernelTimes times = new KernelTimes(driver);
    private final Consumer<String> log;
    private final int capability = driver.capability();
    private final Field codeCaches = field(CUDADeviceContext.class, "codeCache", Map.class);
    private final Field codes = field(CUDACodeCache.class, "cache", Map.class);
    private final Field available = field(CUDACodeCache.class, "kernelAvailable", boolean.class);
    private final Field queueTables = field(CUDADeviceContext.class, "commandQueueTable", Map.class);
    private final Method queue;

    Internals(Consumer<String> log) throws ReflectiveOperationException {
        this.log = log;
        queue = CUDADeviceContext.class.getDeclaredMethod("getCommandQueue", long.class);
        if (queue.getReturnType() != CUDACommandQueue.class) {
            throw new NoSuchMethodException("getCommandQueue that returns a CUDACommandQueue");
        }
        queue.setAccessible(true);
    }

    private static Field field(Class<?> owner, String name, Class<?> type) throws ReflectiveOperationException {
        var field = owner.getDeclaredField(name);
        if (!type.isAssignableFrom(field.getType())) {
            throw new NoSuchFieldException(name + " of type " + type.getSimpleName());
        }
        field.setAccessible(true);
        return field;
    }

    Nvrtc nvrtc() {
        return nvrtc;
    }

    CudaDriver driver() {
        return driver;
    }

    KernelTimes times() {
        return times;
    }

    int capability() {
        return capability;
    }

    void log(String kernel, String text) {
        log.accept(kernel + ": " + text);
    }

    void replaceCodeCaches(CUDADeviceContext context, Map<Long, CUDACodeCache> caches)
            throws ReflectiveOperationException {
        codeCaches.set(context, caches);
    }

    void replaceQueueTables(CUDADeviceContext context, Map<Long, CUDACommandQueueTable> tables)
            throws ReflectiveOperationException {
        queueTables.set(context, tables);
    }

    /// Puts a compiled kernel where TornadoVM looks for it.
    void store(CUDACodeCache cache, String name, CUDAInstalledCode code) {
        try {
            @SuppressWarnings("unchecked")
            var store = (Map<String, CUDAInstalledCode>) codes.get(cache);
            store.put(name, code);
            available.set(cache, true);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("TornadoVM's code cache cannot be reached", e);
        }
    }

    /// The stream that a plan's commands go to.
    CudaDriver.Stream stream(CUDADeviceContext context, long plan) {
        try {
            return driver.stream(((CUDACommandQueue) queue.invoke(context, plan)).getCommandQueuePtr());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("TornadoVM's command queue cannot be reached", e);
        }
    }
}
