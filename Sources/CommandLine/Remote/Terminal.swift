internal import Dispatch
internal import Glibc

/// The terminal while a picture is drawn on it: its other screen, no cursor, keys without Enter.
final class Terminal {
    /// A key that was pressed.
    struct Key: Sendable {
        let byte: UInt8

        /// Whether it is one that ends a program: q, Q, or Ctrl-C.
        var endsIt: Bool { byte == UInt8(ascii: "q") || byte == UInt8(ascii: "Q") || byte == 3 }
    }

    /// How large it is; 80×24 when it does not say.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static let escape = "\u{1B}["
    private var before = termios()
    private var keys: (any DispatchSourceRead)?
    private let hasColours = getenv("NO_COLOR") == nil

    init() {
        tcgetattr(STDIN_FILENO, &before)
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        write(Self.escape + "?1049h" + Self.escape + "?25l")
    }

    /// Makes it what it was before.
    func restore() {
        keys?.cancel()
        keys = nil
        write(Self.escape + "?25h" + Self.escape + "?1049l")
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// Calls `action` for every key from now on; an end of the input counts as `q`.
    func whenKeyIsPressed(_ action: @escaping @Sendable (Key) -> Void) {
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        source.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            guard count > 0 else { return action(Key(byte: UInt8(ascii: "q"))) }
            for byte in bytes[..<count] { action(Key(byte: byte)) }
        }
        source.resume()
        keys = source
    }

    /// Draws over what is there.
    func show(_ lines: [TopFrame.Line]) {
        var text = Self.escape + "H"
        for (index, line) in lines.enumerated() {
            text += (index == 0 ? "" : "\r\n") + line.styled(hasColours: hasColours) + Self.escape + "K"
        }
        write(text + Self.escape + "J")
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            sent += max(count, 0)
        }
    }
}
