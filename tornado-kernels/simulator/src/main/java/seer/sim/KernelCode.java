package seer.sim;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import seer.sim.KernelFault.Place;
import uk.ac.manchester.tornado.api.KernelContext;

/// The static method behind a task's lambda, ready to be called, with the names in it.
final class KernelCode {

    /// A kernel and what is in it.
    private record Target(Method method, KernelLanguage.Found found, BitSet written) {
    }

    /// The kernel of each lambda class, once found: compiled code may throw without a trace.
    private static final ClassValue<AtomicReference<Target>> TARGETS = new ClassValue<>() {
        @Override
        protected AtomicReference<Target> computeValue(Class<?> lambda) {
            return new AtomicReference<>();
        }
    };

    private final String method;
    private final MethodHandle handle;
    private final boolean usesContext;
    private final List<String> parameters;
    private final List<String> locals;
    private final Target target;

    private KernelCode(String method, MethodHandle handle, boolean usesContext,
            List<String> parameters, List<String> locals, Target target) {
        this.method = method;
        this.handle = handle;
        this.usesContext = usesContext;
        this.parameters = parameters;
        this.locals = locals;
        this.target = target;
    }

    /// Finds the kernel of `task`, and a watched or mutated copy of it if the settings want one.
    static KernelCode of(String task, Object lambda, Object[] arguments, Settings settings) {
        AtomicReference<Target> known = TARGETS.get(lambda.getClass());
        if (known.get() == null) {
            Method kernel = find(task, lambda, arguments);
            known.set(new Target(kernel, KernelLanguage.check(task, kernel), WrittenParameters.of(kernel)));
        }
        Target target = known.get();
        Method found = target.method;
        ClassBytes bytes = ClassBytes.of(found);
        try {
            Class<?> owner = found.getDeclaringClass();
            boolean watched = settings.checks() == Checks.FULL || settings.mutation() != Mutation.NONE;
            if (watched || !target.found.operations().isEmpty()) {
                owner = KernelLoader.of(found, settings.mutation(), watched).loadClass(owner.getName());
            }
            MethodHandle handle = MethodHandles.privateLookupIn(owner, MethodHandles.lookup())
                    .findStatic(owner, found.getName(),
                            MethodType.methodType(void.class, found.getParameterTypes()))
                    .asSpreader(Object[].class, arguments.length)
                    .asType(MethodType.methodType(void.class, Object[].class));
            boolean usesContext = Arrays.asList(found.getParameterTypes())
                    .contains(KernelContext.class);
            return new KernelCode(found.getName(), handle, usesContext, bytes.parameters(),
                    bytes.localArrays(), target);
        } catch (ReflectiveOperationException e) {
            throw unsupported(task, "the kernel " + found + " cannot be called: " + e);
        }
    }

    /// A lambda does not tell its target. Called with null for all buffers, it reaches the kernel,
    /// whose first step ends in a NullPointerException with the kernel's frame in its trace, or in the
    /// exception that is the body of an operation of a warp. (A JVM leaves out the
    /// traces of hot code unless told not to: see the launchers.)
    private static Method find(String task, Object lambda, Object[] arguments) {
        Object[] values = new Object[arguments.length];
        for (int i = 0; i < values.length; i++) {
            boolean plain = arguments[i] instanceof Number || arguments[i] instanceof Boolean
                    || arguments[i] instanceof Character;
            values[i] = plain ? arguments[i] : null;
        }
        try {
            Method apply = Arrays.stream(lambda.getClass().getInterfaces()[0].getMethods())
                    .filter(m -> m.getName().equals("apply")).findFirst().orElseThrow();
            apply.invoke(lambda, values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof NullPointerException || WarpOperations.isFrom(e.getCause())) {
                return target(task, lambda, arguments.length, e.getCause().getStackTrace());
            }
            throw unsupported(task, "the kernel does not begin with its context or a buffer: "
                    + e.getCause());
        } catch (IllegalAccessException e) {
            throw unsupported(task, "the kernel cannot be called: " + e);
        }
        throw unsupported(task, "the kernel touches neither its context nor a buffer");
    }

    private static Method target(String task, Object lambda, int count, StackTraceElement[] trace) {
        if (trace.length == 0) {
            throw unsupported(task, "the JVM left out the stack trace that tells which method the kernel is: "
                    + "start it with -XX:-OmitStackTraceInFastThrow");
        }
        int kernel = 0;
        while (kernel + 1 < trace.length && !machinery(trace[kernel + 1].getClassName())) {
            kernel++;
        }
        StackTraceElement frame = trace[kernel];
        try {
            Class<?> owner = Class.forName(frame.getClassName(), false,
                    lambda.getClass().getClassLoader());
            List<Method> named = Arrays.stream(owner.getDeclaredMethods())
                    .filter(m -> m.getName().equals(frame.getMethodName())
                            && m.getParameterCount() == count
                            && Modifier.isStatic(m.getModifiers()))
                    .toList();
            if (named.size() == 1) {
                return named.getFirst();
            }
        } catch (ClassNotFoundException e) {
            throw unsupported(task, "the class of the kernel cannot be found: " + e);
        }
        throw unsupported(task, "the kernel has to be one static method of " + count
                + " parameters with a name of its own, not " + frame);
    }

    private static boolean machinery(String className) {
        return className.startsWith("java.lang.") || className.startsWith("jdk.internal.");
    }

    private static KernelFault unsupported(String task, String reason) {
        return new KernelFault(Fault.UNSUPPORTED, Place.ofBuffer(task, null), reason);
    }

    void call(Object[] arguments) throws Throwable {
        handle.invokeExact(arguments);
    }

    boolean usesContext() {
        return usesContext;
    }

    /// Operations of a warp that it calls.
    Set<String> operations() {
        return target.found.operations();
    }

    /// Groups of a cluster: 1 for most kernels.
    int together() {
        return target.found.together();
    }

    /// True if it, or one of its helpers, sets elements of this parameter.
    boolean writes(int parameter) {
        return target.written.get(parameter);
    }

    String method() {
        return method;
    }

    String parameterName(int i) {
        return i < parameters.size() ? parameters.get(i) : "argument " + i;
    }

    String localName(int i) {
        return i < locals.size() ? locals.get(i) : "local array " + i;
    }
}
