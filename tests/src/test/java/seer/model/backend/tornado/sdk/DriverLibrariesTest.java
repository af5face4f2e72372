package seer.model.backend.tornado.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said about libraries that do not load: the loader's words, and what helps.
class DriverLibrariesTest {
    private static final Path LIBRARY = Path.of("sdk/lib/libtornado-cuda.so");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {12, 13})
    void whichNvrtcIsMissingIsSaid(int major) {
        String complaint = "libnvrtc.so." + major + ": cannot open shared object file: No such file or directory";
        assertEquals("sdk/lib/libtornado-cuda.so does not load (" + complaint + "): that is NVRTC, CUDA's run-time "
                + "compiler; install the CUDA toolkit " + major + " (another major version does not do) and name its "
                + "library folder in LD_LIBRARY_PATH", DriverLibraries.sentence("cuda", LIBRARY, complaint));
    }

    @Test
    void anotherCauseIsNotTakenForNvrtc() {
        String complaint = "/lib/libc.so.6: version `GLIBC_2.38' not found (required by sdk/lib/libtornado-cuda.so)";
        assertEquals("sdk/lib/libtornado-cuda.so does not load (" + complaint + "): ldd shows which libraries it asks "
                + "for", DriverLibraries.sentence("cuda", LIBRARY, complaint));
    }

    @Test
    void aDriversLibraryIsMissingOrBroken() {
        assertEquals("libcuda.so.1 was not found", DriverLibraries.absent("libcuda.so.1",
                "cannot open shared object file: No such file or directory"));
        assertEquals("libcuda.so.1 does not load (libm.so.7: cannot open shared object file)",
                DriverLibraries.absent("libcuda.so.1", "libm.so.7: cannot open shared object file"));
    }

    /// A driver of no known kind, so that the system's libraries are not asked.
    @Test
    @EnabledOnOs(OS.LINUX)
    void theLoadersOwnWordsAreKept() throws IOException {
        Path library = Files.writeString(folder.resolve("libtornado-abacus.so"), "no library, however long "
                + "this line is made: the loader reads a header of 64 bytes before it complains");
        String broken = DriverLibraries.obstacle("abacus", folder).orElseThrow();
        assertTrue(broken.startsWith(library + " does not load ("), broken);
        assertTrue(broken.contains("invalid ELF header") || broken.contains("Exec format error"), broken);
        Files.delete(library);
        String missing = DriverLibraries.obstacle("abacus", folder).orElseThrow();
        assertTrue(missing.contains("No such file or directory"), missing);
    }

    @Test
    void theScriptsWantTheSameTornadoVmAndTheSameJdk() throws IOException {
        String script = Files.readString(Path.of("bin/tornadovm.sh"));
        assertTrue(script.contains("\nseer_tornado_version=" + TornadoDevices.VERSION + "\n"));
        assertTrue(script.contains("\nseer_tornado_update=" + TornadoDevices.OLDEST_JDK.update() + "\n"));
        assertEquals(25, TornadoDevices.OLDEST_JDK.feature());
    }
}
