package seer.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;

/// Everything public that the simulator mirrors exists in the original with the same signature. The
/// property `seer.tornado.api` names the original's jar (of version 5.2.0).
class ApiParityTest {

    private static final String PREFIX = "uk.ac.manchester.tornado.api";

    @Test
    void everyMirroredSignatureIsTheOriginals() throws Exception {
        String jar = System.getProperty("seer.tornado.api");
        assumeTrue(jar != null, "the property seer.tornado.api does not name a tornado-api jar");
        URL mirror = KernelContext.class.getProtectionDomain().getCodeSource().getLocation();
        URL original = Path.of(jar).toUri().toURL();
        List<String> differences = new ArrayList<>();
        int compared = 0;
        try (Api ours = new Api(mirror); Api theirs = new Api(original)) {
            for (String name : classes(mirror)) {
                Class<?> mirrored = Class.forName(name, false, ours);
                if (Modifier.isPublic(mirrored.getModifiers())) {
                    compared += compare(mirrored, theirs, differences);
                }
            }
        }
        assertEquals(List.of(), differences);
        assertTrue(compared > 300, compared + " signatures compared");
    }

    private static int compare(Class<?> mirrored, ClassLoader theirs, List<String> differences) {
        Class<?> real;
        try {
            real = Class.forName(mirrored.getName(), false, theirs);
        } catch (ClassNotFoundException e) {
            differences.add("no " + mirrored.getName());
            return 0;
        }
        Set<String> wanted = signatures(mirrored);
        Set<String> missing = new TreeSet<>(wanted);
        missing.removeAll(signatures(real));
        missing.forEach(s -> differences.add(mirrored.getSimpleName() + ": " + s));
        return wanted.size();
    }

    /// The kind of type and its public members, inherited ones too, but for those of Object and Enum.
    private static Set<String> signatures(Class<?> type) {
        Set<String> all = new TreeSet<>();
        all.add((type.isInterface() ? "interface " : type.isEnum() ? "enum " : "class ")
                + type.getName());
        for (Field field : type.getFields()) {
            all.add(modifiers(field.getModifiers()) + field.getType().getName() + " "
                    + field.getName());
        }
        for (Constructor<?> constructor : type.getConstructors()) {
            all.add("new" + parameters(constructor));
        }
        for (Method method : type.getMethods()) {
            if (method.getDeclaringClass().getName().startsWith(PREFIX) && !method.isBridge()) {
                all.add((Modifier.isStatic(method.getModifiers()) ? "static " : "")
                        + method.getReturnType().getName() + " " + method.getName()
                        + parameters(method));
            }
        }
        return all;
    }

    private static String modifiers(int modifiers) {
        return (Modifier.isStatic(modifiers) ? "static " : "")
                + (Modifier.isFinal(modifiers) ? "final " : "");
    }

    private static String parameters(Executable executable) {
        return Arrays.stream(executable.getParameterTypes()).map(Class::getName)
                .collect(Collectors.joining(", ", "(", ")"));
    }

    /// Loads the API of one source only, so that neither loader sees the other's classes. The class
    /// files of the original are marked as using preview features; nothing compared here does.
    private static final class Api extends URLClassLoader {

        Api(URL source) {
            super(new URL[] {source}, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                bytes[4] = 0;
                bytes[5] = 0;
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private static List<String> classes(URL source) throws IOException, URISyntaxException {
        Path path = Path.of(source.toURI());
        if (Files.isDirectory(path)) {
            return classes(path);
        }
        URI archive = URI.create("jar:" + source);
        try (FileSystem files = FileSystems.newFileSystem(archive, Map.of())) {
            return classes(files.getPath("/"));
        }
    }

    private static List<String> classes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(f -> root.relativize(f).toString())
                    .filter(f -> f.endsWith(".class") && !f.endsWith("package-info.class"))
                    .map(f -> f.substring(0, f.length() - 6).replace('/', '.'))
                    .filter(f -> f.startsWith(PREFIX)).sorted().toList();
        }
    }
}
