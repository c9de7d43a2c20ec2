"""数据交换, in three places like `sync`: what both sides share, a station's screens, and a
centre's: the counter for sticks and the way to its city."""
