package seer.sim;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/// A call that can be left in its middle and taken up again, on the same thread: one per work-item
/// that waits at a barrier.
///
/// It is the JDK's own continuation, the mechanism below virtual threads. Virtual threads would do
/// the same with a scheduler between each two items, and the thread's identity, by which watched
/// accesses find their group, would change with each item. The class is internal, hence reached by
/// method handles and only when the JVM was started with [#OPTION].
final class Fiber {

    /// The option without which no kernel runs.
    static final String OPTION = "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED";

    /// The three calls that are needed, bound to one scope.
    private record Calls(MethodHandle create, MethodHandle run, MethodHandle pause) {
    }

    private static final Calls CALLS = find();
    private static final MethodHandle RUN = CALLS == null ? null : CALLS.run;
    private static final MethodHandle PAUSE = CALLS == null ? null : CALLS.pause;

    private static Calls find() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            Class<?> scope = Class.forName("jdk.internal.vm.ContinuationScope");
            Class<?> fiber = Class.forName("jdk.internal.vm.Continuation");
            Object ours = lookup.findConstructor(scope, methodType(void.class, String.class))
                    .invoke("seer.sim");
            return new Calls(
                    lookup.findConstructor(fiber, methodType(void.class, scope, Runnable.class))
                            .bindTo(ours).asType(methodType(Object.class, Runnable.class)),
                    lookup.findVirtual(fiber, "run", methodType(void.class))
                            .asType(methodType(void.class, Object.class)),
                    lookup.findStatic(fiber, "yield", methodType(boolean.class, scope))
                            .bindTo(ours));
        } catch (IllegalAccessException e) {
            return null;
        } catch (Throwable e) {
            throw new IllegalStateException("this JDK has no continuations: " + e, e);
        }
    }

    private final Object continuation;

    Fiber(Runnable body) {
        if (CALLS == null) {
            throw new IllegalStateException(
                    "the simulator runs kernels only under a JVM started with " + OPTION);
        }
        try {
            continuation = CALLS.create.invokeExact(body);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Goes on until the body ends or calls [#pause].
    void run() {
        try {
            RUN.invokeExact(continuation);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /// Leaves the fiber that is running on this thread.
    static void pause() {
        try {
            boolean paused = (boolean) PAUSE.invokeExact();
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static RuntimeException unexpected(Throwable e) {
        return switch (e) {
            case RuntimeException r -> r;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }
}
