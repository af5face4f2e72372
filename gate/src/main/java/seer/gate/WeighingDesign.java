package seer.gate;

/// Which of many things lie in which pan of a balance, so that few weighings of all of them weigh each most exactly: a
/// Hadamard matrix after Paley.
///
/// Of a prime `q` that leaves 3 when divided by 4 it has `q + 1` weighings. Row 0 is all 1; in the others column 0 is
/// -1, the diagonal 1, and elsewhere stands whether column less row is a square modulo `q`. Any two columns agree in
/// half of the rows and differ in the others, so that what one thing weighs falls out where another is summed up.
final class WeighingDesign {
    private final boolean[] square;
    private final int size;

    private WeighingDesign(int prime) {
        square = new boolean[prime];
        size = prime + 1;
        for (long i = 1; i < prime; i++) {
            square[(int) (i * i % prime)] = true;
        }
    }

    /// The smallest for so many things.
    static WeighingDesign of(int things) {
        int prime = Math.max(3, things - 1);
        while (prime % 4 != 3 || !isPrime(prime)) {
            prime++;
        }
        return new WeighingDesign(prime);
    }

    private static boolean isPrime(int number) {
        for (int i = 2; i * i <= number; i++) {
            if (number % i == 0) {
                return false;
            }
        }
        return true;
    }

    /// Weighings, after which it begins again with the things in other places.
    int size() {
        return size;
    }

    /// 1 or -1: the pan.
    int sign(int weighing, int thing) {
        int row = weighing % size;
        int column = (thing + weighing / size) % size;
        if (row == 0 || row == column) {
            return 1;
        }
        return column > 0 && square[Math.floorMod(column - row, square.length)] ? 1 : -1;
    }
}
