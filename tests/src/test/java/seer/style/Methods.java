package seer.style;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/// The methods of source files, as the compiler's parser sees them.
final class Methods {

    /// @param owner simple name of the class
    /// @param lines from the line of its name or annotations to that of the last brace, comments inside included
    record Found(Path file, String owner, String name, long lines) {
        String id() {
            return owner + "." + name;
        }
    }

    private Methods() {
    }

    static List<Found> of(List<Path> files) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var manager = compiler.getStandardFileManager(null, null, null);
        var task = (JavacTask) compiler.getTask(null, manager, problem -> { }, null, null,
                manager.getJavaFileObjectsFromPaths(files));
        var positions = Trees.instance(task).getSourcePositions();
        List<Found> all = new ArrayList<>();
        for (CompilationUnitTree unit : task.parse()) {
            new Scanner(unit, positions, all).scan(unit, null);
        }
        return all;
    }

    private static final class Scanner extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Found> all;
        private String owner = "";

        Scanner(CompilationUnitTree unit, SourcePositions positions, List<Found> all) {
            this.unit = unit;
            this.positions = positions;
            this.all = all;
        }

        @Override
        public Void visitClass(ClassTree type, Void none) {
            String outer = owner;
            owner = type.getSimpleName().toString();
            super.visitClass(type, none);
            owner = outer;
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void none) {
            long lines = line(positions.getEndPosition(unit, method)) - line(start(method)) + 1;
            all.add(new Found(Path.of(unit.getSourceFile().getName()), owner, method.getName().toString(), lines));
            return super.visitMethod(method, none);
        }

        private long start(Tree tree) {
            return positions.getStartPosition(unit, tree);
        }

        private long line(long position) {
            return unit.getLineMap().getLineNumber(position);
        }
    }
}
