package seer.warp.compiler;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import seer.warp.Extension;
import uk.ac.manchester.tornado.drivers.cuda.CUDABackendImpl;
import uk.ac.manchester.tornado.drivers.cuda.CUDACodeCache;
import uk.ac.manchester.tornado.drivers.cuda.CUDADeviceContext;
import uk.ac.manchester.tornado.runtime.TornadoCoreRuntime;

/// The extension of TornadoVM 5.2.0's CUDA backend.
///
/// ```text
///   kernel's bytecode --graph builder--> nodes --> LIR --> CUDA C --code cache--> program --> launch
///                       WarpPlugins      CudaNode  CudaStatement   WarpCodeCache              WarpKernel
/// ```
/// Four places are changed, none before everything they need has been found: the graph builder's plugins get one for
/// each operation; the device's table of code caches hands out ours; kernels are started by us; and the device's
/// command queues do not wait at the end of each graph ([PatientQueues]).
public final class WarpExtension implements Extension {
    /// Oldest architecture with bf16 products.
    private static final int OLDEST = 80;

    private static Internals installed;
    private static PatientQueues queues;

    /// For [java.util.ServiceLoader].
    public WarpExtension() { }

    @Override
    public Optional<String> install(Consumer<String> log) {
        synchronized (WarpExtension.class) {
            if (installed != null) {
                return Optional.empty();
            }
            try {
                return install(new Internals(log));
            } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
                return Optional.of("TornadoVM is not as in version 5.2.0-jdk25, for which the extension was made: "
                        + e);
            } catch (IllegalStateException e) {
                return Optional.of(e.getMessage());
            }
        }
    }

    private static Optional<String> install(Internals internals) throws ReflectiveOperationException {
        var backend = TornadoCoreRuntime.getTornadoRuntime().getBackend(CUDABackendImpl.class);
        if (backend == null) {
            return Optional.of("TornadoVM has no CUDA backend here");
        }
        if (internals.capability() < OLDEST) {
            return Optional.of("the device has compute capability " + internals.capability() / 10 + "."
                    + internals.capability() % 10 + ", wanted 8.0 or newer");
        }
        var device = backend.getBackend(0, 0);
        var context = (CUDADeviceContext) device.getDeviceContext();
        var caches = new ConcurrentHashMap<Long, CUDACodeCache>() {
            private static final long serialVersionUID = 1;

            @Override
            public CUDACodeCache put(Long plan, CUDACodeCache cache) {
                return super.put(plan, new WarpCodeCache(context, internals));
            }
        };
        var plugins = device.getProviders().getReplacements().getGraphBuilderPlugins().getInvocationPlugins();
        new WarpPlugins(plugins).register();
        queues = new PatientQueues(internals.driver());
        internals.replaceCodeCaches(context, caches);
        internals.replaceQueueTables(context, queues.tables());
        installed = internals;
        return Optional.empty();
    }

    @Override
    public int capability() {
        return installed.capability();
    }

    @Override
    public void measure(boolean wanted) {
        installed.times().measure(wanted);
    }

    @Override
    public Map<String, Double> times() {
        return installed.times().take();
    }

    @Override
    public void await() {
        queues.await();
    }

    @Override
    public Mark mark() {
        return queues.mark();
    }
}
