package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import seer.kernels.attention.BlockSparseAttentionTiled;
import seer.model.attention.SelectionRule;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.DeviceInfo;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.Work.Product;
import seer.model.backend.tornado.Work.Sparse;

/// The first kernel that fits the work and the device is taken, and noted.
class RungsTest {
    private static final int LITTLE = 32 * 1024;

    private static DeviceInfo device(String driver, long localBytes) {
        return new DeviceInfo("0:0", driver, "a device", "its maker", "GPU", 1L << 33, localBytes, true, 0);
    }

    private static Rungs on(DeviceInfo device) {
        return new Rungs(Rungs.ALL, device);
    }

    @Test
    void shapesDecide() {
        var rungs = on(device("CUDA", 48 * 1024));
        assertEquals("few", rungs.take(new Product(4, 100, 60, ElementType.F32)).name());
        assertEquals("tiled", rungs.take(new Product(5, 100, 60, ElementType.F32)).name());
        assertEquals("tiled", rungs.take(new Sparse(9, 4, 2, 64, 64, ElementType.F32)).name());
        assertEquals("naive", rungs.take(new Sparse(9, 4, 2, 20, 64, ElementType.F32)).name());
        assertEquals("naive", rungs.take(new Sparse(9, 4, 2, 64, 48, ElementType.F32)).name());
        assertEquals("naive", rungs.take(new Work.PooledMap(9, 0, 64, 256, ElementType.F32)).name());
        assertEquals(Map.of("product", "few, tiled", "attention", "naive, tiled", "pooled map", "naive"),
                rungs.taken());
    }

    @Test
    void localMemoryDecides() {
        assertTrue(BlockSparseAttentionTiled.LOCAL_BYTES > LITTLE);
        var rungs = on(device("OPENCL", LITTLE));
        assertEquals("blocked", rungs.take(new Sparse(9, 4, 2, 64, 64, ElementType.F32)).name());
        var e = assertThrows(BackendUnavailableException.class,
                () -> rungs.take(new Work.Choice(new SelectionRule.TopBlocks(0.5), 1, 1)));
        assertTrue(e.getMessage().contains("kernel 'top' of 'selection' does not run on this device: it takes ")
                && e.getMessage().contains(" bytes of local memory, the device has 32,768"), e.getMessage());
    }

    /// A kernel for the tensor units of one maker, above what runs everywhere: no more than an entry.
    @Test
    void elementTypeAndDriverDecide() {
        var halves = new Rung<>(Product.class, "units", "BF16 weights", work -> work.weights() == ElementType.BF16,
                new Rung.Device("CUDA devices", info -> info.driver().equals("CUDA"), 0), 0,
                () -> (graph, id, step, work) -> graph, (step, work) -> { });
        var all = new ArrayList<Rung<?>>(List.of(halves));
        all.addAll(Rungs.ALL);
        var cuda = new Rungs(all, device("CUDA", 48 * 1024));
        assertEquals("units", cuda.take(new Product(9, 100, 60, ElementType.BF16)).name());
        assertEquals("tiled", cuda.take(new Product(9, 100, 60, ElementType.F32)).name());
        var other = new Rungs(all, device("OPENCL", 48 * 1024));
        var e = assertThrows(BackendUnavailableException.class,
                () -> other.take(new Product(9, 100, 60, ElementType.BF16)));
        assertTrue(e.getMessage().contains("kernel 'units' of 'product' does not run on this device: it is for "
                + "CUDA devices"), e.getMessage());
        assertTrue(other.taken().isEmpty());
    }

    /// Weights of a type that no kernel takes are refused by name, before a kernel reads them as something else.
    @Test
    void aTypeWithoutAKernelIsOneSentence() {
        var e = assertThrows(BackendUnavailableException.class,
                () -> on(device("CUDA", 48 * 1024)).take(new Product(7, 6, 8, ElementType.BF16)));
        assertEquals("tornado", e.getMessage().replaceAll("^backend (\\w+): .*", "$1"));
        assertTrue(e.getMessage().contains("no kernel of 'product' fits") && e.getMessage().contains("BF16"),
                e.getMessage());
    }

    /// Tensor cores of the newest kind first; those of a kind before by what it has; none, a sentence.
    @Test
    void tensorCoresDecide() {
        var dense = new Work.Dense(128, 4, 2, 64, ElementType.BF16);
        assertEquals("wgmma", on(device("CUDA", 48 * 1024).with(90)).take(dense).name());
        assertEquals("mma.sync", on(device("CUDA", 48 * 1024).with(80)).take(dense).name());
        assertEquals("mma.sync", on(device("CUDA", 48 * 1024).with(89)).take(
                new Sparse(9, 4, 2, 64, 128, ElementType.BF16)).name());
        assertEquals("mma.sync", on(device("CUDA", 48 * 1024).with(120)).take(
                new Work.TileRows(9, 64, 64, true)).name());
        for (int cores : new int[] {0, 75}) {
            var e = assertThrows(BackendUnavailableException.class,
                    () -> on(device("CUDA", 48 * 1024).with(cores)).take(dense));
            assertTrue(e.getMessage().contains("kernel 'mma.sync' of 'dense attention' does not run on this device: "
                    + "it is for devices with tensor cores, from compute capability 8.0 on"), e.getMessage());
        }
    }

    @Test
    void theListSaysWhatADeviceCannotRun() {
        var all = Rungs.describe(device("OPENCL", LITTLE));
        assertEquals(Rungs.ALL.size(), all.size());
        var names = new HashSet<String>();
        for (var rung : all) {
            assertNotNull(rung.operation());
            assertTrue(names.add(rung.operation() + " " + rung.name()), rung.toString());
            assertFalse(rung.fits().isBlank());
            boolean cores = rung.name().equals("wgmma") || rung.name().equals("mma.sync")
                    || rung.name().endsWith("tiles") || rung.name().endsWith("warps");
            assertEquals(cores || rung.localBytes() > LITTLE, rung.obstacle() != null, rung.toString());
        }
        Rungs.describe(null).forEach(rung -> assertNull(rung.obstacle()));
    }

    /// `seer devices --rungs` is for those, too, who have not set TornadoVM up.
    @Test
    void theListNeedsNoTornadoVm() throws Exception {
        var urls = new ArrayList<URL>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.contains("simulator")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        try (var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            assertThrows(ClassNotFoundException.class,
                    () -> loader.loadClass("uk.ac.manchester.tornado.api.TaskGraph"));
            Class<?> device = loader.loadClass(DeviceInfo.class.getName());
            Object list = loader.loadClass("seer.model.Backends").getMethod("tornadoRungs", device)
                    .invoke(null, (Object) null);
            assertEquals(Rungs.ALL.size(), ((List<?>) list).size());
        }
    }
}
