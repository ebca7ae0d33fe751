"""The member organizations in public: their pages, and finding help among their services."""
