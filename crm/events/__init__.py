"""Events and webinars: pages, registrations with a capacity and a waiting list, mail around the day, attendance."""
