package seer.sim;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.reflect.Method;
import java.net.URL;
import java.security.CodeSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Loads instrumented copies of a kernel's class and of the helper classes that came with it; all
/// other classes, the mirrored API above all, are those of the program.
final class KernelLoader extends ClassLoader {

    /// The loaders of each kernel class's unmutated copies, so that plans share their compiled code: of the
    /// watched ones, and of those in which only operations of a warp have their models.
    private static final ClassValue<AtomicReferenceArray<KernelLoader>> UNMUTATED = new ClassValue<>() {
        @Override
        protected AtomicReferenceArray<KernelLoader> computeValue(Class<?> owner) {
            return new AtomicReferenceArray<>(2);
        }
    };

    private final Method kernel;
    private final Mutation mutation;
    private final URL source;
    private final boolean watched;

    private KernelLoader(Method kernel, Mutation mutation, boolean watched) {
        super(kernel.getDeclaringClass().getClassLoader());
        this.kernel = kernel;
        this.mutation = mutation;
        this.watched = watched;
        this.source = source(kernel.getDeclaringClass());
    }

    static KernelLoader of(Method kernel, Mutation mutation, boolean watched) {
        if (mutation != Mutation.NONE) {
            return new KernelLoader(kernel, mutation, watched);
        }
        return UNMUTATED.get(kernel.getDeclaringClass()).updateAndGet(watched ? 1 : 0,
                known -> known == null ? new KernelLoader(kernel, mutation, watched) : known);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            Class<?> original = super.loadClass(name, resolve);
            return copied(original) ? define(original) : original;
        }
    }

    private boolean copied(Class<?> original) {
        return original == kernel.getDeclaringClass()
                || source != null && Objects.equals(source, source(original))
                && !Objects.equals(source, source(KernelLoader.class));
    }

    private static URL source(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }

    private Class<?> define(Class<?> original) {
        ClassFile format = ClassFile.of(ClassFile.ClassHierarchyResolverOption
                .of(ClassHierarchyResolver.ofClassLoading(getParent())));
        byte[] bytes = format.transformClass(format.parse(ClassBytes.read(original)),
                Instrumenter.of(original.getName(), kernel, mutation, watched));
        return defineClass(original.getName(), bytes, 0, bytes.length,
                original.getProtectionDomain());
    }
}
