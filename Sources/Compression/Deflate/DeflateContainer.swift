/// What is wrapped around a deflate stream.
enum DeflateContainer: String {
    case gzip
    case zlib
    case raw = "raw deflate"
}
