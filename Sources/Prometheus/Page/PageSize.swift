/// About how many bytes something of a page takes.
///
/// A page may be much larger than what it is made of: each line of a histogram has the name and all labels.
struct PageSize: Equatable {
    /// What a line has at most beside its name and its labels: the end of the name, a bound and a value.
    static let line = 64

    /// In memory.
    var memory = 0
    /// On the page, as text.
    var page = 0

    static func + (left: PageSize, right: PageSize) -> PageSize {
        PageSize(memory: left.memory + right.memory, page: left.page + right.page)
    }

    static func - (left: PageSize, right: PageSize) -> PageSize {
        PageSize(memory: left.memory - right.memory, page: left.page - right.page)
    }

    /// The size of a whole of which a part has changed; `nil` when it would grow beyond a limit.
    func replacing(_ old: PageSize, with new: PageSize, within limit: Int) -> PageSize? {
        let whole = self - old + new
        guard new.memory <= old.memory || whole.memory <= limit, new.page <= old.page || whole.page <= limit
        else { return nil }
        return whole
    }
}
