package seer.sim;

import java.util.function.BiConsumer;
import java.util.function.Function;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// Doors into mirrored classes that must not show in their public signatures: the classes hand over
/// what the engine needs when they are initialised.
public final class Hooks {

    private static volatile Function<WorkItem, KernelContext> contexts;
    private static volatile BiConsumer<Object, Watch> watching;

    private Hooks() {
    }

    /// Called by `KernelContext` with its hidden constructor.
    public static void contexts(Function<WorkItem, KernelContext> constructor) {
        contexts = constructor;
    }

    /// Called by `TornadoNativeArray` with the setter of its watch.
    public static void watching(BiConsumer<Object, Watch> setter) {
        watching = setter;
    }

    static KernelContext context(WorkItem item) {
        return contexts.apply(item);
    }

    static void watch(TornadoNativeArray array, Watch watch) {
        watching.accept(array, watch);
    }
}
