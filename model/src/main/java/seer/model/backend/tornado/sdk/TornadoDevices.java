package seer.model.backend.tornado.sdk;

import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import seer.kernels.Move;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.DeviceInfo;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// What TornadoVM there is to this process: which version, which devices, and what keeps it from computing.
///
/// TornadoVM comes as modules, the simulator as a jar on the class path; both define the same packages, and where
/// both are there the module wins without a word. So neither is used then.
public final class TornadoDevices {
    /// The version that Seer is built and checked with.
    public static final String VERSION = "5.2.0-jdk25";

    /// Older ones lack what TornadoVM's compiler asks for, or let their default collector move objects that native code
    /// holds (JDK-8377811).
    static final Runtime.Version OLDEST_JDK = Runtime.Version.parse("25.0.3");
    private static final String DRIVERS = "tornado.drivers.";
    private static final String PINNING = "tornado.cuda.host.pinning";
    private static final String EVENTS = "tornado.max.events";

    private TornadoDevices() { }

    /// Whether TornadoVM itself is here, usable or not.
    public static boolean present() {
        return module("tornado.api").isPresent();
    }

    /// Whether the simulator stands in for TornadoVM.
    public static boolean simulated() {
        return TornadoDevices.class.getClassLoader().getResource("seer/sim/Simulator.class") != null;
    }

    /// What keeps TornadoVM from computing here, without the full stop; empty when nothing does.
    public static Optional<String> obstacle() {
        if (!present()) {
            return Optional.of(simulated() ? "only the simulator is on the class path, not TornadoVM"
                    : "TornadoVM is not on the path of this JVM");
        }
        if (simulated()) {
            return Optional.of("TornadoVM and its simulator are both on the path, wanted one of them");
        }
        if (Runtime.version().feature() != OLDEST_JDK.feature()
                || Runtime.version().compareToIgnoreOptional(OLDEST_JDK) < 0) {
            return Optional.of("TornadoVM " + VERSION + " needs JDK 25 from " + OLDEST_JDK + " on, this is "
                    + Runtime.version());
        }
        String version = version();
        if (!version.equals(VERSION)) {
            return Optional.of("TornadoVM has version " + version + ", wanted " + VERSION);
        }
        if (ClassLoader.getSystemResource(Move.class.getName().replace('.', '/') + ".class") == null) {
            return Optional.of("TornadoVM reads kernels from the class path that the JVM was started with, and Seer's "
                    + "jars are not on it; in an executor of Spark's, spark.executor.extraClassPath puts them there");
        }
        return libraries().or(TornadoDevices::start);
    }

    /// TornadoVM's version, or `simulator`.
    public static String version() {
        return module("tornado.api").flatMap(api -> api.descriptor().rawVersion())
                .orElse(simulated() ? "simulator" : "unknown");
    }

    /// The devices, the default first.
    ///
    /// @throws BackendUnavailableException where there is an [#obstacle] and no simulator either
    public static List<DeviceInfo> list() {
        if (!simulated() || present()) {
            obstacle().ifPresent(reason -> {
                throw new BackendUnavailableException("tornado", reason, "see docs/tornadovm.md");
            });
        }
        TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
        var devices = new ArrayList<DeviceInfo>();
        for (int driver = 0; driver < runtime.getNumBackends(); driver++) {
            var backend = runtime.getBackend(driver);
            for (int index = 0; index < backend.getNumDevices(); index++) {
                var device = backend.getDevice(index);
                devices.add(describe(driver + ":" + index, device, devices.isEmpty()));
            }
        }
        return List.copyOf(devices);
    }

    static DeviceInfo describe(String id, TornadoDevice device, boolean isDefault) {
        return new DeviceInfo(id, device.getTornadoVMBackend().name(),
                device.getDescription().replaceFirst(" CL_DEVICE_TYPE_.*", ""), device.getPlatformName(),
                device.getDeviceType().name(), device.getMaxGlobalMemory(), device.getDeviceLocalMemorySize(),
                isDefault, 0);
    }

    private static Optional<ModuleReference> module(String name) {
        return ModuleLayer.boot().configuration().findModule(name).map(found -> found.reference());
    }

    /// Which of the drivers is CUDA's, before any of them starts: the last, unless somebody orders them otherwise;
    /// -1 if it is not here.
    static int placeOfCuda() {
        return drivers().contains("cuda") ? drivers().size() - 1 : -1;
    }

    private static List<String> drivers() {
        return ModuleLayer.boot().modules().stream().map(Module::getName)
                .filter(name -> name.startsWith(DRIVERS) && !name.equals(DRIVERS + "common"))
                .map(name -> name.substring(DRIVERS.length())).sorted().toList();
    }

    private static Optional<String> libraries() {
        Path own = module("tornado.api").flatMap(ModuleReference::location)
                .map(jar -> Path.of(jar).resolveSibling("../../../lib").normalize()).orElse(Path.of("lib"));
        return drivers().stream().map(name -> DriverLibraries.obstacle(name, own)).flatMap(Optional::stream)
                .findFirst();
    }

    /// TornadoVM loads its drivers when it is first asked, and dies of the first that fails. It looks for them with the
    /// class loader of the thread, which in an executor of Spark's need not know them: so it is lent its own.
    ///
    /// Its CUDA driver pins the host's side of every buffer, which would make memory of address space that is never
    /// touched, gigabytes of it; so it is told not to, unless somebody wants it.
    ///
    /// Before each run of a graph it clears, for each of the graph's waits, a list of as many events as it may ever
    /// hold: 32,768 by default, which takes longer than most kernels here. No task has 256 buffers to wait for, and
    /// TornadoVM says so where a list is too short.
    private static Optional<String> start() {
        setDefault(PINNING, "false");
        setDefault(EVENTS, "256");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(TornadoRuntimeProvider.class.getClassLoader());
        try {
            TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
            for (int driver = 0; driver < runtime.getNumBackends(); driver++) {
                if (runtime.getBackend(driver).getNumDevices() > 0) {
                    return Optional.empty();
                }
            }
            return Optional.of("TornadoVM finds no device");
        } catch (RuntimeException | LinkageError e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Optional.of("TornadoVM does not start: " + plain(cause));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static String plain(Throwable cause) {
        String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return Installation.plain(text).replaceAll("\\[(ERROR|WARNING)] *", "").replaceAll("\\s+", " ")
                .replaceFirst("[. ]+$", "");
    }
}
