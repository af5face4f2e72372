package seer.warp.compiler;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import uk.ac.manchester.tornado.drivers.cuda.CUDABackendImpl;
import uk.ac.manchester.tornado.drivers.cuda.CUDACodeCache;
import uk.ac.manchester.tornado.drivers.cuda.CUDADeviceContext;
import uk.ac.manchester.tornado.drivers.cuda.CUDACommandQueue;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAInstalledCode;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;

/// Teaches TornadoVM the operations of a warp, once for a process, before the first kernel is compiled.
///
/// It reaches into TornadoVM 5.2.0: every class, field and method that it needs is looked up before anything is changed.
public final class WarpExtension {
    private static Parts installed;

    private WarpExtension() { }

    /// Installs it, unless that has happened.
    ///
    /// @return what is in the way, in words; empty where it is active
    public static synchronized Optional<String> install() {
        if (installed != null) {
            return Optional.empty();
        }
        try {
            var backend = TornadoCoreRuntime.getTornadoRuntime().getBackend(CUDABackendImpl.class);
            if (backend == null) {
                return Optional.of("TornadoVM has no CUDA backend here");
            }
            var parts = new Parts();
            var device = backend.getBackend(0, 0);
            var context = (CUDADeviceContext) device.getDeviceContext();
            parts.capability = parts.capabilityOf(context);
            new WarpPlugins(device.getProviders().getReplacements().getGraphBuilderPlugins().getInvocationPlugins())
                    .register();
            parts.codeCaches.set(context, new ConcurrentHashMap<Long, CUDACodeCache>() {
                private static final long serialVersionUID = 1;

                @Override
                public CUDACodeCache put(Long plan, CUDACodeCache cache) {
                    return super.put(plan, new WarpCodeCache(context, parts));
                }
            });
            installed = parts;
            return Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            return Optional.of("TornadoVM is not as in version 5.2.0: " + e);
        }
    }

    /// Times of kernels on the device.
    public static KernelTimes times() {
        return installed.times;
    }

    /// What it reaches into.
    static final class Parts {
        private final Nvrtc nvrtc = new Nvrtc();
        private final CudaDriver driver = new CudaDriver();
        private final KernelTimes times = new KernelTimes(driver);
        private final Field codeCaches = field(CUDADeviceContext.class, "codeCache");
        private final Field store = field(CUDACodeCache.class, "cache");
        private final Field available = field(CUDACodeCache.class, "kernelAvailable");
        private final java.lang.reflect.Method queue;
        private int capability;

        Parts() throws ReflectiveOperationException {
            queue = CUDADeviceContext.class.getDeclaredMethod("getCommandQueue", long.class);
            queue.setAccessible(true);
        }

        private static Field field(Class<?> owner, String name) throws ReflectiveOperationException {
            var field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        }

        private int capabilityOf(CUDADeviceContext context) {
            return 90;
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

        void log(String kernel, String log) {
            if (Boolean.getBoolean("seer.warp.log")) {
                System.err.println(kernel + ": " + log);
            }
        }

        @SuppressWarnings("unchecked")
        Map<String, CUDAInstalledCode> store(CUDACodeCache cache) {
            try {
                return (Map<String, CUDAInstalledCode>) store.get(cache);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }

        void available(CUDACodeCache cache) {
            try {
                available.set(cache, true);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }

        CudaDriver.Stream stream(CUDADeviceContext context, long plan) {
            try {
                return driver.stream(((CUDACommandQueue) queue.invoke(context, plan)).getCommandQueuePtr());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
