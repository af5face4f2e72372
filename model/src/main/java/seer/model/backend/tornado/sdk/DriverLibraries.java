package seer.model.backend.tornado.sdk;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/// The system's libraries below TornadoVM's drivers.
///
/// They are asked first, because TornadoVM says only that a library of its own was not found when in truth one of
/// these is missing, and prints what it likes when there is no device. Known for Linux; elsewhere nothing is asked.
@SuppressWarnings("restricted")
final class DriverLibraries {
    private static final int NO_DEVICE = 100;

    private DriverLibraries() { }

    /// Why this driver cannot run here, without the full stop; empty when nothing speaks against it.
    ///
    /// @param driver   the end of the name of TornadoVM's module: `opencl`, `cuda`, `ptx`
    /// @param ownFolder where TornadoVM's libraries lie
    static Optional<String> obstacle(String driver, Path ownFolder) {
        if (!System.mapLibraryName(driver).endsWith(".so")) {
            return Optional.empty();
        }
        var below = switch (driver) {
            case "opencl" -> openCl();
            case "cuda", "ptx" -> cuda();
            default -> Optional.<String>empty();
        };
        return below.isPresent() ? below : own(driver, ownFolder.resolve(System.mapLibraryName("tornado-" + driver)));
    }

    private static Optional<String> openCl() {
        try (Arena arena = Arena.ofConfined()) {
            var library = open("libOpenCL.so.1", arena);
            if (library.isEmpty()) {
                return Optional.of("libOpenCL.so.1 was not found: install an OpenCL loader (ocl-icd) and the OpenCL "
                        + "driver of the device");
            }
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            int error = (int) Linker.nativeLinker().downcallHandle(library.get().findOrThrow("clGetPlatformIDs"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS)).invokeExact(0, MemorySegment.NULL, count);
            return error == 0 && count.get(ValueLayout.JAVA_INT, 0) > 0 ? Optional.empty()
                    : Optional.of("OpenCL finds no platform (clGetPlatformIDs returned " + error + "): install the "
                            + "OpenCL driver of the device; for a processor, PoCL");
        } catch (Throwable e) {
            return Optional.of("libOpenCL.so.1 cannot be called: " + e);
        }
    }

    private static Optional<String> cuda() {
        try (Arena arena = Arena.ofConfined()) {
            var library = open("libcuda.so.1", arena);
            if (library.isEmpty()) {
                return Optional.of("libcuda.so.1 was not found: install the NVIDIA driver");
            }
            int error = (int) Linker.nativeLinker().downcallHandle(library.get().findOrThrow("cuInit"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)).invokeExact(0);
            return error == 0 ? Optional.empty() : Optional.of(error == NO_DEVICE ? "the NVIDIA driver finds no GPU"
                    : "the NVIDIA driver does not start (cuInit returned " + error + ")");
        } catch (Throwable e) {
            return Optional.of("libcuda.so.1 cannot be called: " + e);
        }
    }

    /// TornadoVM's library on top; with CUDA it needs the run-time compiler too.
    private static Optional<String> own(String driver, Path file) {
        try (Arena arena = Arena.ofConfined()) {
            if (open(file.toString(), arena).isPresent()) {
                return Optional.empty();
            }
        }
        return Optional.of(file + " does not load: " + (driver.equals("cuda")
                ? "most likely NVRTC (libnvrtc.so), CUDA's run-time compiler, was not found; install the CUDA toolkit "
                        + "and name its library folder in LD_LIBRARY_PATH"
                : "ldd shows which library it misses"));
    }

    private static Optional<SymbolLookup> open(String name, Arena arena) {
        try {
            return Optional.of(name.contains("/") ? SymbolLookup.libraryLookup(Path.of(name), arena)
                    : SymbolLookup.libraryLookup(name, arena));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
